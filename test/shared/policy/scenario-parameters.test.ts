import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScenarioDefinition, ScenarioParameters } from '../../../shared/contracts/scenario.ts';
import { newestAndBest } from '../../../shared/policy/retention.ts';
import { resolveScenario } from '../../../shared/policy/scenario-parameters.ts';
import '../../property-seed.ts';

const MINE: ScenarioDefinition = { name: 'mine', summary: 'x', metric: (step, rank) => step + rank };

const messageFor = (definition: ScenarioDefinition, given: Partial<ScenarioParameters> = {}, worldSize = 1): string => {
  try {
    resolveScenario(definition, given, worldSize);
    return 'accepted';
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: 'CkptError', code: 'CKPT_USAGE' });
    return thrown instanceof Error ? thrown.message : '';
  }
};

describe('a scenario', () => {
  test('has the defaults of the design', () => {
    expect(resolveScenario(MINE, {}, 1)).toMatchObject({
      ...{ numSteps: 100, evalInterval: 25, saveInterval: 25, saveTotalLimit: 3, preserveNBest: 0, injectSpikeAtStep: 'none' },
      ...{ metricName: 'loss', mode: 'min', saveOrder: 'update-before-save', faults: [], hasOwnRetention: false },
      ...{ expect: { divergence: false, onDisk: undefined }, retention: newestAndBest },
    });
  });

  test('takes the numbers of the command line before its own, and its own before the defaults', () => {
    const own = { ...MINE, numSteps: 200, saveTotalLimit: 'none', preserveNBest: 5 } as const;
    expect(resolveScenario(own, { preserveNBest: 0, numSteps: 300 }, 1)).toMatchObject({
      numSteps: 300,
      preserveNBest: 0,
      saveTotalLimit: 'none',
    });
  });

  test('has a mode by the name of its metric unless it says so', () => {
    const modeOf = (fields: Partial<ScenarioDefinition>): string => resolveScenario({ ...MINE, ...fields }, {}, 1).mode;
    expect([
      modeOf({ metricName: 'accuracy' }),
      modeOf({ metricName: 'eval_loss' }),
      modeOf({ metricName: 'accuracy', mode: 'min' }),
    ]).toEqual(['max', 'min', 'min']);
  });

  test('measures its spike from its step on, on every rank', () => {
    const { metric, expect: expected } = resolveScenario({ ...MINE, spikeMetric: 99 }, { injectSpikeAtStep: 50 }, 2);
    expect([metric(49, 1), metric(50, 1), metric(75, 0)]).toEqual([50, 99, 99]);
    expect(expected.divergence).toBe(true);
  });

  test('that expects no divergence in spite of a spike is taken at its word', () => {
    const own = { ...MINE, injectSpikeAtStep: 50, expect: { divergence: false } };
    expect(resolveScenario(own, {}, 1).expect.divergence).toBe(false);
  });
});

describe('a spike is refused', () => {
  test('exactly when fewer than one evaluation comes before it or fewer than two after it', () => {
    const anyRun = fc.record({
      numSteps: fc.integer({ min: 1, max: 60 }),
      evalInterval: fc.integer({ min: 1, max: 20 }),
      injectSpikeAtStep: fc.integer({ min: 1, max: 70 }),
    });
    fc.assert(
      fc.property(anyRun, ({ numSteps, evalInterval, injectSpikeAtStep: spike }) => {
        const evaluated = Array.from({ length: numSteps }, (_, index) => index + 1).filter((step) => step % evalInterval === 0);
        const isVisible = evaluated.some((step) => step < spike) && evaluated.filter((step) => step >= spike).length >= 2;
        const given = { numSteps, evalInterval, saveInterval: 1, injectSpikeAtStep: spike };
        expect(messageFor(MINE, given) === 'accepted').toBe(isVisible);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a number out of range is refused by the name of its option', () => {
  test.for<[keyof ScenarioParameters, string, readonly unknown[]]>([
    ['numSteps', '--num-steps', [0, -1, 1.5, Number.NaN, '100', null]],
    ['evalInterval', '--eval-interval', [0, -25, Number.POSITIVE_INFINITY]],
    ['saveInterval', '--save-interval', [0, 2 ** 53]],
    ['saveTotalLimit', '--save-total-limit', [0, -3, 'all', 2.5]],
    ['preserveNBest', '--preserve-n-best', [-1, 0.5, 'none']],
    ['injectSpikeAtStep', '--inject-spike-at-step', [0, -75, 'never']],
  ])('%s', ([name, option, values]) => {
    for (const value of values) expect(messageFor(MINE, { [name]: value })).toMatch(new RegExp(`^${option}: got .*, expected `));
  });
});

test('a run that would save nothing is refused', () => {
  expect(messageFor(MINE, { saveInterval: 101 })).toBe(
    '--save-interval 101: scenario mine has 100 steps, so nothing would ever be saved or verified',
  );
  expect(messageFor(MINE, { saveInterval: 100 })).toBe('accepted');
});

test('too few ranks are refused, for the scenario and for its faults', () => {
  expect(messageFor({ ...MINE, minWorldSize: 3 }, {}, 2)).toBe('--nproc-per-node 2: scenario mine needs at least 3 ranks');
  expect(messageFor({ ...MINE, faults: [{ kind: 'kill', rank: 3, step: 25 }] }, {}, 3)).toBe(
    '--nproc-per-node 3: scenario mine needs at least 4 ranks',
  );
  expect(messageFor({ ...MINE, faults: [{ kind: 'kill', rank: 3, step: 25 }], minWorldSize: 2 }, {}, 4)).toBe('accepted');
});

test('a fault that could never strike is refused', () => {
  const at = (step: number): string => messageFor({ ...MINE, faults: [{ kind: 'kill', rank: 0, step }] });
  expect([at(25), at(100)]).toEqual(['accepted', 'accepted']);
  expect([at(30), at(125)]).toEqual([
    expect.stringContaining('strikes at step 30'),
    expect.stringContaining('strikes at step 125'),
  ]);
});

test('nothing of the scenario itself is run', () => {
  const run = (): never => {
    throw new Error('run');
  };
  const mine = { ...MINE, metric: run, callbacks: run, retention: run, updateBestCheckpoints: run, injectSpikeAtStep: 50 };
  expect(messageFor(mine)).toBe('accepted');
});

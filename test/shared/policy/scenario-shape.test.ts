import { describe, expect, test } from 'vitest';
import { checkScenarioShape } from '../../../shared/policy/scenario-shape.ts';

const MINE = { name: 'mine', summary: 'x', metric: (): number => 1 };

const messageFor = (exported: unknown): string => {
  try {
    checkScenarioShape(exported, '/mine.ts');
    return 'accepted';
  } catch (thrown) {
    expect(thrown).toMatchObject({ name: 'CkptError', code: 'CKPT_USAGE' });
    return thrown instanceof Error ? thrown.message.replace('--scenario /mine.ts: ', '') : '';
  }
};

test('a whole scenario is given back as it is', () => {
  const whole = {
    ...MINE,
    ...{ numSteps: 10, evalInterval: 5, saveInterval: 5, saveTotalLimit: 'none', preserveNBest: 0, injectSpikeAtStep: 'none' },
    ...{ metricName: 'accuracy', mode: 'max', spikeMetric: Number.NaN, callbacks: () => [], retention: () => undefined },
    ...{ updateBestCheckpoints: () => [], saveOrder: 'update-after-save', expect: { divergence: false, onDisk: [] } },
    ...{ barrierTimeoutMs: 0.5, minWorldSize: 2, hint: 'Try again.', faults: [{ kind: 'exit', rank: 0, step: 5, code: 0 }] },
  };
  expect(checkScenarioShape(whole, '/mine.ts')).toBe(whole);
});

test('a field that is undefined is a field that is absent', () => {
  expect(messageFor({ ...MINE, numSteps: undefined, callbacks: undefined, expect: undefined })).toBe('accepted');
});

test.for([undefined, null, 3, 'mine', [MINE], () => MINE])('%o is no scenario', (exported) => {
  expect(messageFor(exported)).toMatch(/^its default export is .*, expected a scenario$/);
});

describe('a field', () => {
  test.for<[string, unknown, string]>([
    ['name', undefined, 'name: got undefined, expected lower-case letters, digits and dashes, at most 60'],
    ['name', 'a/b', 'name: got "a/b", expected lower-case letters, digits and dashes, at most 60'],
    ['name', '-a', 'name: got "-a", expected lower-case letters, digits and dashes, at most 60'],
    ['name', 'a'.repeat(61), `name: got "${'a'.repeat(56)}..., expected lower-case letters, digits and dashes, at most 60`],
    ['summary', '', 'summary: got "", expected a text that is not empty'],
    ['metric', 'loss', 'metric: got "loss", expected a function'],
    ['numSteps', 0, 'numSteps: got 0, expected a positive whole number'],
    ['saveTotalLimit', 0, 'saveTotalLimit: got 0, expected a positive whole number or none'],
    ['preserveNBest', -1, 'preserveNBest: got -1, expected a whole number, 0 or more'],
    ['spikeMetric', '8', 'spikeMetric: got "8", expected a number'],
    ['callbacks', [], 'callbacks: got [], expected a function'],
    ['saveOrder', 'late', 'saveOrder: got "late", expected update-before-save or update-after-save'],
    ['faults', {}, 'faults: got {}, expected an array'],
    ['expect', 3, 'expect: got 3, expected an object'],
    ['expect', { onDisk: [1.5] }, 'expect.onDisk: got [1.5], expected an array of steps'],
    ['expect', { divergence: 1 }, 'expect.divergence: got 1, expected true or false'],
    ['barrierTimeoutMs', 0, 'barrierTimeoutMs: got 0, expected a positive number'],
    ['numStep', 3, 'numStep: there is no such field'],
  ])('%s: %o is refused', ([name, value, message]) => expect(messageFor({ ...MINE, [name]: value })).toBe(message));
});

describe('a fault', () => {
  test.for<[unknown, string]>([
    [{ kind: 'kill', rank: 0, step: 25 }, 'accepted'],
    [{ kind: 'throw', rank: 0, step: 25, message: 'enough' }, 'accepted'],
    [{ kind: 'kill', rank: -1, step: 25 }, 'faults[0].rank: got -1, expected a whole number, 0 or more'],
    [{ kind: 'kill', rank: 0, step: 0 }, 'faults[0].step: got 0, expected a positive whole number'],
    [{ kind: 'exit', rank: 0, step: 25 }, 'faults[0].code: missing, expected a whole number from 0 to 255'],
    [{ kind: 'kill', rank: 0, step: 25, after: 3 }, 'faults[0].after: a fault of kind kill has no such field'],
    [null, expect.stringMatching(/^faults\[0\]\.kind: got undefined, expected stall or /)],
  ])('%o: %s', ([fault, message]) => expect(messageFor({ ...MINE, faults: [fault] })).toEqual(message));
});

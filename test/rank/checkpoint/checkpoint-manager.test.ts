import { expect, test } from 'vitest';
import { decayingLoss } from '../../../rank/public.ts';
import type { ScenarioDefinition } from '../../../shared/contracts/scenario.ts';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';
import { eventsOf } from '../../../shared/policy/invariants/journals.ts';
import { failing } from '../../shared/policy/tampering.ts';
import { alike, runGroup } from '../group-run.ts';

const BASIC: ScenarioDefinition = { name: 'basic', summary: 'x', metric: decayingLoss, preserveNBest: 2 };

/** A platform on which nothing can be renamed into the trash. */
const keepingAll = (): Platform => {
  const platform = nodePlatform();
  const rename = (from: string, to: string): void => {
    if (to.includes('.trash-')) throw new Error(`EPERM: operation not permitted, rename '${from}'`);
    platform.disk.rename(from, to);
  };
  return { ...platform, disk: { ...platform.disk, rename } };
};

test('a deletion that fails on rank 0 is told to all ranks at their next meeting', async () => {
  const { ends, evidence } = await runGroup({ ...BASIC, numSteps: 150 }, 3, (rank) =>
    rank === 0 ? keepingAll() : nodePlatform(),
  );
  for (const end of ends) {
    expect(end).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'CKPT_CHECKPOINT_WRITE_FAILED',
        message: expect.stringMatching(/^rank 0: EPERM: operation not permitted, rename .*checkpoint-25'$/),
        evidence: { rank: 0, barrier: 'basic/evaluate@125' },
      },
    });
  }
  expect(evidence.disk.map(({ step }) => step)).toEqual([25, 50, 75, 100]);
});

test('a deletion that fails after the last save is told at the end', async () => {
  const { ends } = await runGroup(BASIC, 2, (rank) => (rank === 0 ? keepingAll() : nodePlatform()));
  for (const end of ends) expect(end).toMatchObject({ status: 'rejected', reason: { evidence: { barrier: 'basic/end' } } });
});

test.for([
  ['update-before-save', 'basic/save@50:written'],
  ['update-after-save', 'basic/evaluate@75'],
] as const)('a best list update that throws with %s is told to all ranks at their next meeting', async ([saveOrder, barrier]) => {
  const updateBestCheckpoints: ScenarioDefinition['updateBestCheckpoints'] = (best, { step }) => {
    if (step === 50) throw new RangeError('no such metric');
    return best;
  };
  const { ends } = await runGroup({ ...BASIC, saveOrder, updateBestCheckpoints }, 2);
  for (const end of ends) {
    expect(end).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'CKPT_SCENARIO_INVALID',
        message: 'rank 0: updateBestCheckpoints at step 50: it threw: no such metric',
        hint: 'Correct updateBestCheckpoints of the scenario.',
        evidence: { rank: 0, barrier },
      },
    });
  }
});

/** A platform on which the manifest of one step cannot be read. */
const blindAt = (step: number): Platform => {
  const platform = nodePlatform();
  const readTextIfAny = (path: string): string | undefined => {
    if (path.endsWith(`checkpoint-${step}/manifest.json`)) throw new Error('EIO: i/o error, read');
    return platform.disk.readTextIfAny(path);
  };
  return { ...platform, disk: { ...platform.disk, readTextIfAny } };
};

test('a rank that cannot look at a checkpoint tells all ranks at once', async () => {
  const { ends } = await runGroup(BASIC, 3, (rank) => (rank === 1 ? blindAt(50) : nodePlatform()));
  for (const end of ends) {
    expect(end).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'CKPT_CHECKPOINT_WRITE_FAILED',
        message: 'rank 1: EIO: i/o error, read',
        evidence: { barrier: 'basic/save@50:seen' },
      },
    });
  }
});

test('all ranks obey the retention and the best list of rank 0, and the difference is found', async () => {
  let calls = 0;
  let updates = 0;
  const best: (number | undefined)[][] = [[], []];
  const moody: ScenarioDefinition = {
    ...{ ...BASIC, numSteps: 150, saveTotalLimit: 'none' },
    // Another answer at every call: each rank lets another checkpoint go.
    retention: ({ checkpoints }) => {
      calls += 1;
      const steps = checkpoints.map(({ step }) => step);
      const gone = steps.length > 2 ? [steps[calls % 2] ?? 0] : [];
      return { preserve: steps.filter((step) => !gone.includes(step)), delete: gone };
    },
    updateBestCheckpoints: (_best, { step }) => {
      updates += 1;
      return [{ step, metric: updates }];
    },
    callbacks: ({ rank }) => [{ name: 'Watch', onEvaluate: (_metrics, { bestMetric }) => void best[rank]?.push(bestMetric) }],
  };
  const { ends, evidence } = await runGroup(moody, 2);
  expect(ends).toEqual(alike(2, 'completed'));
  const decided = evidence.history.map((journal) => eventsOf(journal, 'retention:decided'));
  const considered = decided.map((events) =>
    events.map((event) => [...event.preserve, ...event.delete].toSorted((a, b) => a - b)),
  );
  expect(considered[1]).toEqual(considered[0]);
  expect(best[1]).toEqual(best[0]);
  expect(decided[1]?.map((event) => event.delete)).not.toEqual(decided[0]?.map((event) => event.delete));
  expect(failing(evidence)).toContain('decisions-equal');
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DivergenceDetector } from '../../rank/divergence-detector.ts';
import { decayingLoss } from '../../rank/public.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';
import type { ScenarioDefinition } from '../../shared/contracts/scenario.ts';
import { nodePlatform, type Platform } from '../../shared/platform/platform.ts';
import { judge } from '../../shared/policy/invariants/index.ts';
import { edit, failing, withoutOnDisk } from '../shared/policy/tampering.ts';
import { runGroup } from './group-run.ts';

const BASIC: ScenarioDefinition = { name: 'basic', summary: 'x', metric: decayingLoss, preserveNBest: 2 };
const SPIKE: ScenarioDefinition = {
  ...{ ...BASIC, name: 'spike', numSteps: 150, injectSpikeAtStep: 75 },
  callbacks: () => [new DivergenceDetector()],
};

const completed = (worldSize: number, value: string): unknown[] =>
  Array.from({ length: worldSize }, () => ({ status: 'fulfilled', value }));

test('basic keeps the newest and the best, and passes', async () => {
  const { ends, evidence } = await runGroup(BASIC, 3);
  expect(ends).toEqual(completed(3, 'completed'));
  const { findings, onDisk, best } = judge(evidence);
  expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect({ onDisk, best: best.map(({ step }) => step) }).toEqual({ onDisk: [50, 75, 100], best: [100, 75] });
});

test('spike stops in time, and passes', async () => {
  const { ends, evidence } = await runGroup(SPIKE, 2);
  expect(ends).toEqual(completed(2, 'stopped'));
  expect(judge(evidence)).toMatchObject({ status: 'passed', divergedAtStep: 100, onDisk: [25, 50, 75, 100] });
});

test('what is changed in the evidence of a real run is noticed', async () => {
  const { evidence } = await runGroup(SPIKE, 2);
  expect(failing(withoutOnDisk(evidence, 50))).toEqual(expect.arrayContaining(['best-exists', 'best-preserved', 'fates-known']));
  expect(failing(edit(evidence, 1, 'detector:notified', (event) => (event.step === 50 ? [] : [event])))).toEqual([
    'detector-receives-evaluations',
  ]);
  expect(failing(edit(evidence, 1, 'retention:decided', (event) => (event.step === 75 ? [] : [event])))).toEqual([
    'decisions-equal',
  ]);
  expect(failing({ ...evidence, printedBytes: [6] })).toEqual(['only-rank-0-logs']);
});

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

const eventsOf = <T extends JournalEvent['type']>(journal: readonly JournalEvent[] | undefined, type: T) =>
  (journal ?? []).filter((event): event is Extract<JournalEvent, { type: T }> => event.type === type);

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
  expect(ends).toEqual(completed(2, 'completed'));
  const decided = evidence.history.map((journal) => eventsOf(journal, 'retention:decided'));
  const considered = decided.map((events) =>
    events.map((event) => [...event.preserve, ...event.delete].toSorted((a, b) => a - b)),
  );
  expect(considered[1]).toEqual(considered[0]);
  expect(best[1]).toEqual(best[0]);
  expect(decided[1]?.map((event) => event.delete)).not.toEqual(decided[0]?.map((event) => event.delete));
  expect(failing(evidence)).toContain('decisions-equal');
});

test('what onSave asks for is in the journal of every rank, and stops them all', async () => {
  const callbacks: ScenarioDefinition['callbacks'] = ({ rank }) => [
    {
      name: 'Once',
      onSave: ({ step }, control) => {
        if (rank === 1 && step === 50) control.shouldTrainingStop = true;
      },
    },
  ];
  const { ends, evidence } = await runGroup({ ...BASIC, callbacks }, 2);
  expect(ends).toEqual(completed(2, 'stopped'));
  for (const journal of evidence.history) {
    expect(eventsOf(journal, 'save:decided')).toMatchObject([
      { step: 25, stop: false, abort: false },
      { step: 50, stop: true, abort: false },
    ]);
  }
  expect(judge(evidence).status).toBe('passed');
});

test('each rank takes back the state of its own callbacks', async () => {
  const callbacks: ScenarioDefinition['callbacks'] = ({ rank }) => {
    let seen = 0;
    return [
      {
        name: 'Own',
        onEvaluate: () => {
          seen += 1 + 10 * rank;
        },
        stateDict: () => ({ seen }),
        loadStateDict: (state) => {
          seen = Number(state['seen']);
        },
      },
    ];
  };
  const { evidence, directory } = await runGroup({ ...BASIC, callbacks }, 3);
  expect(judge(evidence).status).toBe('passed');
  const saved = [0, 1, 2].map((rank): unknown =>
    JSON.parse(readFileSync(join(directory, 'checkpoint-100', `rng_state_${rank}.json`), 'utf8')),
  );
  expect(saved).toMatchObject([4, 44, 84].map((seen, rank) => ({ rank, callbacks: { Own: { seen } } })));
});

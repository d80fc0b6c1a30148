import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DivergenceDetector } from '../../../rank/callbacks/divergence-detector.ts';
import { decayingLoss } from '../../../rank/public.ts';
import type { ScenarioDefinition } from '../../../shared/contracts/scenario.ts';
import { judge } from '../../../shared/policy/invariants/index.ts';
import { eventsOf } from '../../../shared/policy/invariants/journals.ts';
import { edit, failing, withoutOnDisk } from '../../shared/policy/tampering.ts';
import { alike, runGroup } from '../group-run.ts';

const BASIC: ScenarioDefinition = { name: 'basic', summary: 'x', metric: decayingLoss, preserveNBest: 2 };
const SPIKE: ScenarioDefinition = {
  ...{ ...BASIC, name: 'spike', numSteps: 150, injectSpikeAtStep: 75 },
  callbacks: () => [new DivergenceDetector()],
};

test('basic keeps the newest and the best, and passes', async () => {
  const { ends, evidence } = await runGroup(BASIC, 3);
  expect(ends).toEqual(alike(3, 'completed'));
  const { findings, onDisk, best } = judge(evidence);
  expect(findings.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect({ onDisk, best: best.map(({ step }) => step) }).toEqual({ onDisk: [50, 75, 100], best: [100, 75] });
});

test('spike stops in time, and passes', async () => {
  const { ends, evidence } = await runGroup(SPIKE, 2);
  expect(ends).toEqual(alike(2, 'stopped'));
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
  expect(ends).toEqual(alike(2, 'stopped'));
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

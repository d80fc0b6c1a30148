import { expect, test } from 'vitest';
import { DEFAULT_REQUEST } from '../../../launcher/launch-request.ts';
import { planOf } from '../../../launcher/lay-out.ts';
import { disagreement } from '../../../launcher/worker/plan-agreement.ts';

const plan = planOf({ ...DEFAULT_REQUEST, worldSize: 4 }, { runId: 'run', attempt: 0 }, '/out', {
  scenarios: [{ name: 'basic', file: '/b.cjs', parameters: { numSteps: 100 } }],
  faults: [],
  patienceMs: 600_000,
});

test('ranks that were told the same agree', () => {
  expect(disagreement(1, plan, `${JSON.stringify(plan, null, 2)}\n`)).toBeUndefined();
});

test.for([
  [{ worldSize: 8 }, "rank 1: its world size is 4, and that of the run's plan is 8"],
  [{ ckptRun: '0.0.1' }, 'rank 1: its version of ckpt-run is "'],
  [{ outputDir: '/elsewhere' }, 'rank 1: its output directory is "/out", and that of the run\'s plan is "/elsewhere"'],
  [{ scenarios: [{ name: 'basic', file: '/b.cjs', parameters: {} }] }, 'rank 1: its scenario configuration is '],
  [{ seed: 7 }, "rank 1: its seed is 0, and that of the run's plan is 7"],
  [{ seed: undefined }, "rank 1: its seed is 0, and that of the run's plan is undefined"],
] as const)('a plan with %o is named', ([other, message]) => {
  const refusal = disagreement(1, plan, JSON.stringify({ ...plan, ...other }));
  expect(refusal).toMatchObject({ code: 'CKPT_USAGE', message: expect.stringContaining(message) });
});

test('what is no plan agrees with nobody', () => {
  expect(disagreement(1, plan, '')).toMatchObject({ code: 'CKPT_USAGE' });
});

import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H13 fs-pool-exhausted of docs/hangs.md.
export default defineScenario({
  name: 'hang-fs-pool-exhausted',
  summary: 'all threads of rank 1 that work on files are stuck (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'fill-pool', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

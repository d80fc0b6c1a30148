import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H01 never-started of docs/hangs.md.
export default defineScenario({
  name: 'hang-never-started',
  summary: 'rank 1 is never started, and nobody is told (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'no-start', rank: 1 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

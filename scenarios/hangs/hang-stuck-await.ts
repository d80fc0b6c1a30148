import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H10 stuck-await of docs/hangs.md.
export default defineScenario({
  name: 'hang-stuck-await',
  summary: 'rank 1 awaits something that never comes (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'stall', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H16 lock-deadlock of docs/hangs.md.
export default defineScenario({
  name: 'hang-lock-deadlock',
  summary: 'rank 1 waits for a lock whose holder is dead (simulated) (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'hold-lock', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H18 clock-skew of docs/hangs.md.
export default defineScenario({
  name: 'hang-clock-skew',
  summary: 'the clocks of rank 1 run ahead, and it gives up too early (simulated) (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'skew-clock', rank: 1, step: 25 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H02 world-size-mismatch of docs/hangs.md.
export default defineScenario({
  name: 'hang-world-size-mismatch',
  summary: 'rank 1 is told that the world has one more rank (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'world-size', rank: 1 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

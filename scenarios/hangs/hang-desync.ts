import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H08 desync of docs/hangs.md.
export default defineScenario({
  name: 'hang-desync',
  summary: 'rank 1 comes to the barrier that is next in turn (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'reorder', rank: 1, barrier: 10 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

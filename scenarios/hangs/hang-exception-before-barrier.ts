import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H06 exception-before-barrier of docs/hangs.md.
export default defineScenario({
  name: 'hang-exception-before-barrier',
  summary: 'rank 1 throws before a save (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'throw', rank: 1, step: 75, message: 'ordered to throw before the barrier' }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H05 exited-early of docs/hangs.md.
export default defineScenario({
  name: 'hang-exited-early',
  summary: 'the process of rank 1 exits with code 0 before a save, as if all was well (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'exit', rank: 1, step: 75, code: 0 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

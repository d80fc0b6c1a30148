import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H03 died of docs/hangs.md.
export default defineScenario({
  name: 'hang-died',
  summary: 'the process of rank 1 exits with code 3 before a save (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'exit', rank: 1, step: 75, code: 3 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H11 loop-blocked-js of docs/hangs.md.
export default defineScenario({
  name: 'hang-loop-blocked-js',
  summary: 'the event loop of rank 1 runs one loop for ever (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'spin', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

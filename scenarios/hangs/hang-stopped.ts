import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H14 stopped of docs/hangs.md.
export default defineScenario({
  name: 'hang-stopped',
  summary: 'rank 1 is stopped, as by SIGSTOP (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'stop', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

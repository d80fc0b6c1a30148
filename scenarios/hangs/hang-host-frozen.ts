import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H15 host-frozen of docs/hangs.md.
export default defineScenario({
  name: 'hang-host-frozen',
  summary: 'the host of rank 1 stands still (simulated) (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'freeze-host', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

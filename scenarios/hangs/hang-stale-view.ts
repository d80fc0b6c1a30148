import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H17 stale-view of docs/hangs.md.
export default defineScenario({
  name: 'hang-stale-view',
  summary: 'rank 1 does not see the files of the others any more (simulated) (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'hide-files', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

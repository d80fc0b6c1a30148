import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H07 skipped-barrier of docs/hangs.md.
export default defineScenario({
  name: 'hang-skipped-barrier',
  summary: 'rank 1 returns from a save before its first barrier, and stays alive (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'early-return', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

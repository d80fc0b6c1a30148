import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H12 loop-blocked-native of docs/hangs.md.
export default defineScenario({
  name: 'hang-loop-blocked-native',
  summary: 'rank 1 opens a file that nobody opens at the other end, and blocks its event loop (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'block-fs', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

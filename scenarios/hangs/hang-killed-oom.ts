import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H04 killed-oom of docs/hangs.md.
export default defineScenario({
  name: 'hang-killed-oom',
  summary: 'rank 1 fills its heap until V8 gives up (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'oom', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

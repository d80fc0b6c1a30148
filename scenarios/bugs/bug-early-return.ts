import { decayingLoss, defineScenario } from '../../rank/public.ts';

// Rank 1 returns from the save of step 75 before its first barrier and stays alive, so the others wait for it.
export default defineScenario({
  name: 'bug-early-return',
  summary: 'rank 1 returns early and skips a barrier: hangs, and the missing rank is named (needs 2 ranks)',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'early-return', rank: 1, step: 75 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
  hint: 'All ranks must hit barriers: check for early returns that skip barriers and exceptions that prevent barrier calls.',
});

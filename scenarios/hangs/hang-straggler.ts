import { decayingLoss, defineScenario } from '../../rank/public.ts';

// H09 straggler of docs/hangs.md. Whoever gets on is waited for: only --hard-timeout makes a hang of it.
export default defineScenario({
  name: 'hang-straggler',
  summary: 'rank 1 is slow but gets on: passes late, and hangs with --hard-timeout=2 (needs 2 ranks)',
  numSteps: 50,
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'slow', rank: 1, barrier: 1 }],
  barrierTimeoutMs: 2000,
  minWorldSize: 2,
});

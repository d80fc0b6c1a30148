import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'rank-killed',
  summary: 'rank 1 is killed as the out-of-memory killer does it',
  metric: decayingLoss,
  faults: [{ kind: 'kill', rank: 1, step: 50 }],
});

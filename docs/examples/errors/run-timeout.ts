import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'run-timeout',
  summary: 'rank 1 computes for ever',
  metric: (step, rank) => {
    while (rank === 1 && step === 50);
    return decayingLoss(step);
  },
});

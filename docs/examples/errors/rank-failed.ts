import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'rank-failed',
  summary: 'the metric cannot be measured on rank 1',
  metric: (step, rank) => {
    if (rank === 1 && step === 50) throw new Error('no batch left');
    return decayingLoss(step);
  },
});

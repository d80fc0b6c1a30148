import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'rank-ended-early',
  summary: 'rank 1 waits for what never comes, so its process has nothing left to do',
  metric: decayingLoss,
  callbacks: ({ rank }) => [{ name: 'Waiting', onEvaluate: () => (rank === 1 ? new Promise<void>(() => undefined) : undefined) }],
});

import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'retention-invalid',
  summary: 'a retention that forgets the newest checkpoint',
  metric: decayingLoss,
  retention: ({ checkpoints }) => ({ preserve: checkpoints.slice(0, -1).map(({ step }) => step), delete: [] }),
});

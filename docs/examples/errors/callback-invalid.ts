import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'callback-invalid',
  summary: 'two callbacks without a name of their own',
  metric: decayingLoss,
  callbacks: () => [{ onEvaluate: () => undefined }, { onSave: () => undefined }],
});

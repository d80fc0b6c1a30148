import { decayingLoss, defineScenario } from '../../rank/public.ts';

// The detector listens to logs of the training loss and was never given the evaluations.
export default defineScenario({
  name: 'bug-no-on-evaluate',
  summary: 'the detector has no onEvaluate: fails with "Divergence detector did not trigger"',
  numSteps: 150,
  saveTotalLimit: 3,
  preserveNBest: 2,
  injectSpikeAtStep: 75,
  metric: decayingLoss,
  callbacks: () => [{ name: 'DeafDetector', detectsDivergence: true }],
  hint: 'Verify on_evaluate() is implemented; lower the threshold or increase the spike magnitude.',
});

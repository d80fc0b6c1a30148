import { DivergenceDetector, decayingLoss, defineScenario } from '../rank/public.ts';

export default defineScenario({
  name: 'spike',
  summary: 'the loss jumps to 8.0 at step 75: the detector stops training before a good checkpoint is lost',
  numSteps: 150,
  evalInterval: 25,
  saveInterval: 25,
  saveTotalLimit: 3,
  preserveNBest: 2,
  injectSpikeAtStep: 75,
  metric: decayingLoss,
  callbacks: () => [new DivergenceDetector()],
});

import { decayingLoss, defineScenario } from '../rank/public.ts';

export default defineScenario({
  name: 'basic',
  summary: 'normal training: the newest 3 and the best 2 checkpoints stay',
  numSteps: 100,
  evalInterval: 25,
  saveInterval: 25,
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
});

import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'save-order',
  summary: 'a trainer that saves first and updates its best list afterwards: refused',
  saveTotalLimit: 2,
  preserveNBest: 2,
  metric: decayingLoss,
  saveOrder: 'update-after-save',
});

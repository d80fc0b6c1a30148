import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'barrier-mismatch',
  summary: 'rank 1 evaluates half as often as rank 0',
  metric: decayingLoss,
  evalInterval: process.env['RANK'] === '1' ? 50 : 25,
});

import { decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'faults',
  summary: 'the disk of rank 1 is full at step 75: all ranks end together, and nobody hangs',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  faults: [{ kind: 'write-error', rank: 1, step: 75 }],
});

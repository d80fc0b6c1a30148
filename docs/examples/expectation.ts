import { DivergenceDetector, decayingLoss, defineScenario } from 'ckpt-run';

export default defineScenario({
  name: 'expectation',
  summary: 'the loss becomes NaN at step 60: the detector must notice, and nothing is saved at step 75',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: (step) => (step < 60 ? decayingLoss(step) : Number.NaN),
  callbacks: () => [new DivergenceDetector({ action: 'abort' })],
  expect: { divergence: true, onDisk: [25, 50] },
});

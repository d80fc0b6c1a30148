import { decayingLoss, defineScenario, inclusiveRetention } from '../../rank/public.ts';

// The save rotates with a best list that does not know the new checkpoint yet, so checkpoint-75 is deleted by its own save.
export default defineScenario({
  name: 'bug-update-after-save',
  summary: 'the best list is updated after the save: fails with "Best checkpoint missing"',
  saveTotalLimit: 2,
  preserveNBest: 2,
  metric: decayingLoss,
  retention: inclusiveRetention,
  saveOrder: 'update-after-save',
  hint: 'Ensure update_best_checkpoints() is called BEFORE save_checkpoint().',
});

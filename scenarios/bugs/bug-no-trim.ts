import { decayingLoss, defineScenario } from '../../rank/public.ts';

// The best list is sorted but never cut to preserve_n_best.
export default defineScenario({
  name: 'bug-no-trim',
  summary: 'the best list is never trimmed: fails with "4 <= preserve_n_best=2"',
  saveTotalLimit: 3,
  preserveNBest: 2,
  metric: decayingLoss,
  updateBestCheckpoints: (best, { step, metric }) =>
    metric === undefined ? best : [...best, { step, metric }].sort((a, b) => a.metric - b.metric),
  hint: 'Verify preserve_n_best slicing happens in update_best_checkpoints().',
});

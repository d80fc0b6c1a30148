import type { BestListUpdate } from '../contracts/checkpoint.ts';
import { bestFirst, isRankable } from './metric-order.ts';

/**
 * The best list after one more checkpoint: best first, earlier steps before later ones of the same metric,
 * at most preserveNBest long. A missing or non-finite metric changes nothing; a step saved again replaces itself.
 */
export const updateBestCheckpoints: BestListUpdate = (best, { step, metric }, { preserveNBest, mode }) => {
  if (!isRankable(metric)) return best;
  const others = best.filter((entry) => entry.step !== step);
  return [...others, { step, metric }].sort(bestFirst(mode)).slice(0, preserveNBest);
};

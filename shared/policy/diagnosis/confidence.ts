import { type Confidence, type HangClass, isSeen, type RankEvidence } from '../../contracts/diagnosis.ts';
import type { HangAccount } from './hang-account.ts';
import type { Conclusion } from './hang-rule.ts';
import { isHostAwake } from './host-evidence.ts';
import { isStopped } from './process-evidence.ts';

const ORDER: readonly Confidence[] = ['low', 'medium', 'high'];

/** The least sure of several. */
export const leastSure = (...confidences: readonly Confidence[]): Confidence =>
  ORDER.find((confidence) => confidences.includes(confidence)) ?? 'high';

/**
 * How sure a conclusion about missing ranks may be. It is high only if it accounts for every one of them, and if what would
 * show a class that is looked for earlier has been seen: otherwise more evidence could lead elsewhere.
 */
export function ceilingFor(account: HangAccount, { ranks, explains = [] }: Conclusion, ofClass: HangClass): Confidence {
  const isKnown = account.ranks.length >= account.worldSize;
  const explained = new Set([...ranks, ...explains]);
  const isWhole = account.suspects.every((suspect) => explained.has(suspect.rank) && isExamined(account, suspect, ofClass));
  return isKnown && isWhole ? 'high' : 'medium';
}

/** Whether it is known that the rank is stopped or not (its process), and if not, that its host is not frozen. */
const isExamined = (account: HangAccount, rank: RankEvidence, ofClass: HangClass): boolean =>
  isSeen(rank.processes) &&
  rank.processes.length >= 2 &&
  (ofClass === 'host-frozen' || isStopped(rank) || isHostAwake(account, rank.host));

import { type Confidence, type HangClass, isSeen, type RankEvidence } from '../../contracts/diagnosis.ts';
import type { HangAccount } from './hang-account.ts';
import type { Conclusion, HangRule } from './hang-rule.ts';
import { isHostAwake } from './host-evidence.ts';
import { isStopped } from './process-evidence.ts';

const ORDER: readonly Confidence[] = ['low', 'medium', 'high'];

/** The least sure of several. */
export const leastSure = (...confidences: readonly Confidence[]): Confidence =>
  ORDER.find((confidence) => confidences.includes(confidence)) ?? 'high';

/**
 * How sure a conclusion may be. It is high only if it accounts for every missing rank, and if what would show a class that is
 * looked for earlier has been seen, where that can be denied: otherwise more evidence could lead elsewhere.
 */
export function ceilingFor(account: HangAccount, rule: HangRule, conclusion: Conclusion): Confidence {
  const isKnown = account.ranks.length >= account.worldSize;
  const isWhole = unexplained(account, conclusion).length === 0;
  const isCertain = rule.isCertain === true || account.suspects.every((rank) => isExamined(account, rank, rule.class));
  return isKnown && isWhole && isCertain ? 'high' : 'medium';
}

/** The missing ranks for which a conclusion gives no reason. */
export const unexplained = ({ suspects }: HangAccount, { ranks, explains = [] }: Conclusion): readonly RankEvidence[] =>
  suspects.filter(({ rank }) => !ranks.includes(rank) && !explains.includes(rank));

/** Whether it is known that the rank is stopped or not (its process), and if not, that its host is not frozen. */
const isExamined = (account: HangAccount, rank: RankEvidence, ofClass: HangClass): boolean =>
  isSeen(rank.processes) &&
  rank.processes.length >= 2 &&
  (ofClass === 'host-frozen' || isStopped(rank) || isHostAwake(account, rank.host));

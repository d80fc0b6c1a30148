import type { GroupOutcome, HostOutcome } from '../group/rank-group.ts';

/** Exits nearer to each other than this may have been seen in the wrong order. */
export const UNCERTAIN_MS = 10;

/** Who failed in a group that ended because a rank did. */
export interface Blame {
  /** The first that was seen to fail. */
  readonly first: HostOutcome;
  /** Failed so soon after it that they may have been first. */
  readonly uncertain: readonly HostOutcome[];
  /** Failed as well, and not by our hand. */
  readonly others: readonly HostOutcome[];
  /** Were told to end. */
  readonly ended: readonly HostOutcome[];
}

/** Sorts the ranks of a group by their part in its failure; undefined when none failed first. */
export function blameOf({ ranks, reason }: GroupOutcome): Blame | undefined {
  const first = reason !== null && 'rank' in reason ? ranks.find(({ host }) => host.rank === reason.rank) : undefined;
  if (first === undefined) return undefined;
  const rest = ranks.filter((outcome) => outcome !== first);
  const failed = rest.filter((outcome) => failedByItself(outcome, first));
  const isClose = ({ exitedAtMs }: HostOutcome): boolean => exitedAtMs - first.exitedAtMs < UNCERTAIN_MS;
  return {
    first,
    uncertain: failed.filter(isClose),
    others: failed.filter((outcome) => !isClose(outcome)),
    ended: rest.filter((outcome) => outcome.wasStopped && !failed.includes(outcome)),
  };
}

/** Told to end, a rank may exit with any code: only one that could hardly have been told yet failed by itself. */
function failedByItself(
  { exitCode, signal, startError, wasStopped, sent, exitedAtMs }: HostOutcome,
  first: HostOutcome,
): boolean {
  if (exitCode === 0) return false;
  if (!wasStopped || startError !== null) return true;
  if (signal !== null) return !sent.some((name) => name === signal);
  return exitedAtMs - first.exitedAtMs < UNCERTAIN_MS;
}

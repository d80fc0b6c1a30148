import type { GroupOutcome, HostOutcome } from '../group/rank-group.ts';

/** Exits nearer to each other than this may have been seen in the wrong order. */
export const UNCERTAIN_MS = 10;

/** What gloo, NCCL and torch's store say in a rank whose peer is gone. */
const LOST_PEER =
  /\bConnection (?:closed|reset) by (?:remote )?peer|\bBroken pipe\b|\bncclRemoteError\b|\bfailed to recv, got 0 bytes\b/i;

/** Who failed in a group that ended because a rank did. */
export interface Blame {
  /** The root cause, as far as it can be known. */
  readonly first: HostOutcome;
  /** Whether even that one says that it lost its connection to another. */
  readonly lostPeer: boolean;
  /** Failed so soon after it that they may have been first. */
  readonly uncertain: readonly HostOutcome[];
  /** Failed as well, and not by our hand. */
  readonly others: readonly HostOutcome[];
  /** Were told to end, or lost their connection to the one that failed. */
  readonly ended: readonly HostOutcome[];
}

/**
 * Sorts the ranks of a group by their part in its failure; undefined when none failed first. A rank that closes its connections
 * may take longer to exit than one that breaks by it: of those too close to tell apart, it is not the one that lost its peer.
 */
export function blameOf(
  { ranks, reason }: GroupOutcome,
  stderrTail: (outcome: HostOutcome) => readonly string[],
): Blame | undefined {
  const seenFirst = reason !== null && 'rank' in reason ? ranks.find(({ host }) => host.rank === reason.rank) : undefined;
  if (seenFirst === undefined) return undefined;
  const failed = ranks.filter((outcome) => outcome === seenFirst || failedByItself(outcome, seenFirst));
  const isClose = ({ exitedAtMs }: HostOutcome): boolean => exitedAtMs - seenFirst.exitedAtMs < UNCERTAIN_MS;
  const hasLostPeer = new Set(failed.filter((outcome) => stderrTail(outcome).some((line) => LOST_PEER.test(line))));
  const first = [seenFirst, ...failed].find((outcome) => isClose(outcome) && !hasLostPeer.has(outcome)) ?? seenFirst;
  const lostPeer = hasLostPeer.has(first);
  const also = failed.filter((outcome) => outcome !== first && (lostPeer || !hasLostPeer.has(outcome)));
  return {
    first,
    lostPeer,
    uncertain: also.filter(isClose),
    others: also.filter((outcome) => !isClose(outcome)),
    ended: ranks.filter(
      (outcome) => outcome !== first && !also.includes(outcome) && (outcome.wasStopped || hasLostPeer.has(outcome)),
    ),
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

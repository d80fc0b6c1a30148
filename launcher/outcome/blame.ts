import type { GroupOutcome, HostOutcome } from '../group/rank-group.ts';

/** Exits nearer to each other than this may have been seen in the wrong order. */
export const UNCERTAIN_MS = 10;

/** What gloo, NCCL and torch's store say in a rank whose peer is gone. */
const LOST_PEER =
  /\bConnection (?:closed|reset) by (?:remote )?peer|\bBroken pipe\b|\bncclRemoteError\b|\bfailed to recv, got 0 bytes\b/i;

/** What of it only a collective says: not that of a log whose reader is gone. */
const LOST_IN_COLLECTIVE =
  /\bgloo\b.*\bConnection (?:closed|reset) by peer|\bncclRemoteError\b|\bConnection closed by remote peer/i;

const TRACEBACK = 'Traceback (most recent call last):';

/** What a rank said before it ended. */
export interface LastWords {
  /** As many of the last lines as are read. */
  readonly stderr: readonly string[];
  /** In its error file. */
  readonly message: string | undefined;
}

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
 * Sorts the ranks of a group by their part in its failure; undefined when none failed by itself. A rank that closes its
 * connections may take longer to exit than one that breaks by it, be it a rank of another node: where the first has lost its
 * peer, one that did not is to blame, if it failed too close to tell or says itself that it failed.
 */
export function blameOf({ ranks, reason }: GroupOutcome, wordsOf: (outcome: HostOutcome) => LastWords): Blame | undefined {
  const seenFirst = reason !== null && 'rank' in reason ? ranks.find(({ host }) => host.rank === reason.rank) : undefined;
  const mayNameItself = seenFirst !== undefined || (reason?.kind === 'node-failed' && reason.failure.rank !== null);
  if (!mayNameItself) return undefined;

  const words = new Map(ranks.filter(({ exitCode }) => exitCode !== 0).map((outcome) => [outcome, wordsOf(outcome)]));
  const lost = new Set([...words].flatMap(([outcome, said]) => (saysThatItLostItsPeer(said) ? [outcome] : [])));
  const named = [...words]
    .flatMap(([outcome, said]) => (saysThatItFailed(said) && !lost.has(outcome) ? [outcome] : []))
    .sort((a, b) => a.exitedAtMs - b.exitedAtMs);
  const start = seenFirst ?? named[0];
  if (start === undefined) return undefined;

  const failed = ranks.filter((outcome) => outcome === start || failedByItself(outcome, start));
  const close = [start, ...failed].find((outcome) => isClose(outcome, start) && !lost.has(outcome));
  const first = close ?? named[0] ?? start;
  const deserter = isLostInCollective(words.get(first)) ? deserterBefore(first, ranks) : undefined;
  if (deserter !== undefined) {
    const ended = ranks.filter((outcome) => outcome.exitCode !== 0);
    return { first: deserter, lostPeer: false, uncertain: [], others: [], ended };
  }
  const lostPeer = lost.has(first);
  const also = failed.filter((outcome) => outcome !== first && (lostPeer || !lost.has(outcome)));
  return {
    first,
    lostPeer,
    uncertain: also.filter((outcome) => isClose(outcome, start)),
    others: also.filter((outcome) => !isClose(outcome, start)),
    ended: ranks.filter((outcome) => outcome !== first && !also.includes(outcome) && (outcome.wasStopped || lost.has(outcome))),
  };
}

/** The first of a minority that had ended well before: its peers were still in a collective with it. */
function deserterBefore(first: HostOutcome, ranks: readonly HostOutcome[]): HostOutcome | undefined {
  const gone = ranks.filter(({ exitCode, exitedAtMs }) => exitCode === 0 && exitedAtMs <= first.exitedAtMs);
  return gone.length <= ranks.length / 2 ? gone.sort((a, b) => a.exitedAtMs - b.exitedAtMs)[0] : undefined;
}

const isLostInCollective = (words: LastWords | undefined): boolean =>
  words !== undefined && [...words.stderr, words.message ?? ''].some((text) => LOST_IN_COLLECTIVE.test(text));

const isClose = ({ exitedAtMs }: HostOutcome, start: HostOutcome): boolean => exitedAtMs - start.exitedAtMs < UNCERTAIN_MS;

const saysThatItLostItsPeer = ({ stderr, message = '' }: LastWords): boolean =>
  [...stderr, message].some((text) => LOST_PEER.test(text));

const saysThatItFailed = ({ stderr, message }: LastWords): boolean =>
  message !== undefined || stderr.some((line) => line.includes(TRACEBACK));

/** Told to end, a rank may exit with any code: only one that could hardly have been told yet, or could not have heard, failed by itself. */
function failedByItself(
  { exitCode, signal, startError, wasStopped, mayHaveObeyed, sent, exitedAtMs }: HostOutcome,
  first: HostOutcome,
): boolean {
  if (exitCode === 0) return false;
  if (!wasStopped || startError !== null) return true;
  if (signal !== null) return !sent.some((name) => name === signal);
  return !mayHaveObeyed && exitedAtMs - first.exitedAtMs < UNCERTAIN_MS;
}

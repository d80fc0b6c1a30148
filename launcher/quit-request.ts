import type { Clock } from '../shared/platform/clock.ts';
import type { StopReason } from './group/rank-group.ts';

/** A second SIGQUIT within this time ends the run. */
const TWICE_WITHIN_MS = 5000;

/** What SIGQUIT does: the first one asks how the run stands, and one that follows at once ends it. */
export function answerQuit(clock: Clock, stop: (reason: StopReason) => void, describe: () => void): () => void {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.monotonicMs();
    if (now - askedAtMs < TWICE_WITHIN_MS) return stop({ kind: 'interrupted', signal: 'SIGQUIT' });
    askedAtMs = now;
    return describe();
  };
}

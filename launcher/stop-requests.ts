import type { SerializedError } from '../shared/contracts/errors.ts';
import type { RankGroup, StopReason } from './group/rank-group.ts';

/** What wants a run to end, from before it has ranks until it has concluded. */
export interface StopRequests {
  stop(reason: StopReason): void;
  /** Passes on what comes, and what has come before. */
  passTo(group: RankGroup): void;
  /** The first thing that came. */
  first(): StopReason | undefined;
  /** The first bug of ours that has shown itself so far, whatever ended the run. */
  bug(): SerializedError | undefined;
}

/** Gathers them for one run. */
export function stopRequests(): StopRequests {
  let first: StopReason | undefined;
  let bug: SerializedError | undefined;
  let group: RankGroup | undefined;
  return {
    stop: (reason) => {
      first ??= reason;
      if (reason.kind === 'bug') bug ??= reason.error;
      group?.stop(reason);
    },
    passTo: (ranks) => {
      group = ranks;
      if (first !== undefined) ranks.stop(first);
    },
    first: () => first,
    bug: () => bug,
  };
}

import type { SerializedError } from '../shared/contracts/errors.ts';
import type { RankGroup, StopReason } from './group/rank-group.ts';

/** What wants a run to end, from before it has ranks until it has concluded. */
export interface StopRequests {
  stop(reason: StopReason): void;
  /** From now on passes what comes on to this one, and at once what has come before. */
  passTo(receiver: Pick<RankGroup, 'stop'>): void;
  /** The first thing that came. */
  first(): StopReason | undefined;
  /** The first bug of ours that has shown itself so far, whatever ended the run. */
  bug(): SerializedError | undefined;
}

/** Gathers them for one run. */
export function stopRequests(): StopRequests {
  let first: StopReason | undefined;
  let bug: SerializedError | undefined;
  let receiver: Pick<RankGroup, 'stop'> | undefined;
  return {
    stop: (reason) => {
      first ??= reason;
      if (reason.kind === 'bug') bug ??= reason.error;
      receiver?.stop(reason);
    },
    passTo: (next) => {
      receiver = next;
      if (first !== undefined) next.stop(first);
    },
    first: () => first,
    bug: () => bug,
  };
}

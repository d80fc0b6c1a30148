import type { RankGroup, StopReason } from '../group/rank-group.ts';

/** Passes on to whichever group runs that all must end; the first reason stands, even before a group runs and between two. */
export interface StopRelay {
  stop(reason: StopReason): void;
  readonly reason: StopReason | undefined;
  /** From now on this group is meant. */
  attach(group: RankGroup): void;
}

/** A relay without a group. */
export function stopRelay(): StopRelay {
  let reason: StopReason | undefined;
  let group: RankGroup | undefined;
  return {
    get reason() {
      return reason;
    },
    stop: (why) => {
      reason ??= why;
      group?.stop(why);
    },
    attach: (started) => {
      group = started;
      if (reason !== undefined) group.stop(reason);
    },
  };
}

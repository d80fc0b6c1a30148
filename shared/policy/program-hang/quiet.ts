/** What shows by one moment whether the ranks of a program get on. */
export interface Activity {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  /** What ranks have printed and journalled so far: any growth is a sign of life. */
  readonly recordedBytes: number;
  /** Read and written so far by each rank and what it has started. */
  readonly transferredBytes: readonly number[];
}

/** A rank that reads or writes less than this in the time is quiet. */
export const QUIET_BYTES = 64 * 1024;

/** Since when nothing has moved, and what had by then. */
export interface Quiet {
  readonly since: Activity;
}

/** Goes on from one look to the next: quiet lasts as long as nothing is recorded and no rank transfers much. Pure. */
export function quietAfter(quiet: Quiet | undefined, now: Activity): Quiet {
  if (quiet === undefined) return { since: now };
  const { since } = quiet;
  const isRecorded = now.recordedBytes !== since.recordedBytes;
  // What has ended no longer counts, and is nobody's transfer.
  const isTransferred = now.transferredBytes.some((bytes, rank) => bytes - (since.transferredBytes[rank] ?? 0) >= QUIET_BYTES);
  return isRecorded || isTransferred ? { since: now } : quiet;
}

/** After a look at the ranks, which makes them read and write: what it did is no sign of life, and quiet goes on. */
export const quietBeyondLook = ({ since }: Quiet, after: Activity): Quiet => ({ since: { ...after, atMs: since.atMs } });

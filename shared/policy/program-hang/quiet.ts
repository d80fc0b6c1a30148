/** What shows by one moment whether the ranks of a program get on. */
export interface Activity {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  /** What each rank has printed and journalled so far: any growth is a sign of life. */
  readonly recordedBytes: readonly number[];
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
  const isRecorded = grewBy(since, now).some((bytes) => bytes !== 0);
  // What has ended no longer counts, and is nobody's transfer.
  const isTransferred = now.transferredBytes.some((bytes, rank) => bytes - (since.transferredBytes[rank] ?? 0) >= QUIET_BYTES);
  return isRecorded || isTransferred ? { since: now } : quiet;
}

const grewBy = (before: Activity, after: Activity): readonly number[] =>
  after.recordedBytes.map((bytes, rank) => bytes - (before.recordedBytes[rank] ?? 0));

/** What Node prints whenever it is looked at. */
const LOOKED_AT_BYTES = 'Debugger attached.\n'.length;

/** Whether ranks have printed or journalled something by themselves while each was looked at so often. */
export const isRecordedBeside = (before: Activity, after: Activity, looks: number): boolean =>
  grewBy(before, after).some((bytes) => bytes % LOOKED_AT_BYTES !== 0 || bytes / LOOKED_AT_BYTES > looks);

/** After a look at the ranks, which makes them read and write: what it did is no sign of life, and quiet goes on. */
export const quietBeyondLook = ({ since }: Quiet, after: Activity): Quiet => ({ since: { ...after, atMs: since.atMs } });

import type { Disk } from './disk.ts';
import type { RunDirectory } from './run-directory.ts';

/** No look at a rank makes it read and write more than this; what is more is its own doing. */
const MOST_BYTES = 1024 * 1024;

/** Bytes that looks through the inspector have made a rank read and write: they are no progress of its own. */
export function bytesOfVisits(disk: Disk, run: RunDirectory, rank: number): number {
  const noted = (disk.readTextIfAny(run.visitedBytes(rank)) ?? '').split('\n').map(Number);
  return Math.max(
    0,
    noted.filter(Number.isFinite).reduce((sum, bytes) => sum + bytes, 0),
  );
}

/**
 * Announces a look at a rank, given what it has read and written so far; the returned function says that it is over. Until then
 * the most is noted that it may make the rank write, and then what it did. Never throws.
 */
export function announceVisit(disk: Disk, run: RunDirectory, rank: number, bytesNow: () => number): () => void {
  const before = bytesNow();
  note(disk, run, rank, MOST_BYTES);
  return () => note(disk, run, rank, Math.min(MOST_BYTES, Math.max(0, bytesNow() - before)) - MOST_BYTES);
}

function note(disk: Disk, run: RunDirectory, rank: number, bytes: number): void {
  try {
    disk.makeDirectory(run.visits(rank));
    const file = disk.openAppend(run.visitedBytes(rank));
    file.append(`${bytes}\n`);
    file.close();
  } catch {
    // Who may not write there, or has no space, looks all the same.
  }
}

import type { RankCounters } from '../contracts/process-sample.ts';
import type { Platform } from './platform.ts';
import { processState } from './process-identity.ts';
import type { RunDirectory } from './run-directory.ts';

/** No look at a rank makes it read and write more than this; what is more is its own doing. */
const MOST_BYTES = 1024 * 1024;

type VisitedDisk = Pick<Platform, 'disk'>;

/** Bytes that looks through the inspector have made a rank read and write: they are no progress of its own. */
export function bytesOfVisits({ disk }: VisitedDisk, run: RunDirectory, rank: number): RankCounters['foreignBytes'] {
  const begun = new Map<number, number>();
  let ended = 0;
  for (const line of (disk.readTextIfAny(run.visitedBytes(rank)) ?? '').split('\n')) {
    const [, visitor, bytes] = /^(\d+) (begins|\d+)$/.exec(line) ?? [];
    if (visitor === undefined || bytes === undefined) continue;
    const isBegin = bytes === 'begins';
    begun.set(Number(visitor), (begun.get(Number(visitor)) ?? 0) + (isBegin ? 1 : -1));
    if (!isBegin) ended += Number(bytes);
  }
  const openIn = (isMeant: (visitor: number) => boolean): number =>
    [...begun].reduce((sum, [visitor, count]) => sum + (isMeant(visitor) ? MOST_BYTES * Math.max(0, count) : 0), 0);
  // Of one whose visitor died, nobody will ever say how many bytes were its: the most, from now on for good.
  const atLeast = ended + openIn((visitor) => processState({ disk }, visitor) === undefined);
  return { atLeast, atMost: ended + openIn(() => true) };
}

/**
 * Announces a look at a rank, given what it has read and written so far; the returned function says that it is over, and what
 * it made the rank read and write. Never throws.
 */
export function announceVisit(
  { disk, pid }: Pick<Platform, 'disk' | 'pid'>,
  run: RunDirectory,
  rank: number,
  bytesNow: () => number,
): () => void {
  const note = (what: string): void => {
    try {
      disk.makeDirectory(run.visits(rank));
      const file = disk.openAppend(run.visitedBytes(rank));
      file.append(`${pid} ${what}\n`);
      file.close();
    } catch {
      // Who may not write there, or has no space, looks all the same.
    }
  };
  const before = bytesNow();
  note('begins');
  return () => note(String(Math.min(MOST_BYTES, Math.max(0, bytesNow() - before))));
}

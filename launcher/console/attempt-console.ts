import { join } from 'node:path';
import type { Disk } from '../../shared/platform/disk.ts';
import type { Console } from './console.ts';
import { lastLines } from './output-tail.ts';
import type { OutletPlaces, OutletStreams } from './rank-outlet.ts';
import type { RankStreams } from './stream-plan.ts';

/** Where the ranks of one attempt print, and what they printed last. */
export interface AttemptConsole {
  /** Starts a local rank with the streams that it gets. To be called once for each. */
  start<T>(localRank: number, start: (streams: OutletStreams) => T): T;
  /** The last line of standard output, made safe to print; undefined while there is none in a file. */
  lastLine(localRank: number): string | undefined;
  /** The last lines of standard error, ten or so many, made safe to print; none if it is not in a file. */
  stderrTail(localRank: number, count?: number): readonly string[];
  /** Settles when all that ranks printed is in its place. All ranks must have ended. */
  close(): Promise<void>;
}

/** An uncaught error of Node has its message above ten frames. */
const TAIL_LINES = 16;

/** Opens the files and pipes of one attempt; each rank's files stand in its directory, where there were none before. */
export function openAttemptConsole(
  console: Console,
  disk: Disk,
  ranks: readonly RankStreams[],
  places: OutletPlaces,
): AttemptConsole {
  const outlets = console.openRanks(ranks, places);
  const tail = (localRank: number, stream: 'stdout' | 'stderr', count: number): readonly string[] =>
    lastLines(disk, join(places.logs(localRank), `${stream}.log`), count);
  return {
    start: (localRank, start) => {
      const outlet = outlets[localRank];
      if (outlet === undefined) throw new RangeError(`local rank ${localRank} of ${outlets.length}`);
      try {
        return start(outlet.streams);
      } finally {
        outlet.release();
      }
    },
    lastLine: (localRank) => tail(localRank, 'stdout', 1).at(0),
    stderrTail: (localRank, count = TAIL_LINES) => tail(localRank, 'stderr', count),
    close: async () => {
      await Promise.all(outlets.map((outlet) => outlet.drained()));
    },
  };
}

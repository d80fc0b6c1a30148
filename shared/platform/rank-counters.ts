import { isSeen, type NotSeen } from '../contracts/diagnosis.ts';
import type { RankCounters } from '../contracts/process-sample.ts';
import type { Disk } from './disk.ts';
import { readBeat } from './heartbeat/beat-file.ts';
import type { Platform } from './platform.ts';
import { countProcess } from './process/process-sample.ts';
import { bytesOfVisits } from './rank-visits.ts';
import type { RunDirectory } from './run-directory.ts';

/** What shows how far a rank of this host is. */
export function countRank(
  platform: Pick<Platform, 'disk' | 'clock'>,
  run: RunDirectory,
  rank: number,
  pid: number,
): RankCounters | NotSeen {
  const counted = countProcess(platform, pid);
  return isSeen(counted) ? { ...counted, ...besidesProcess(platform.disk, run, rank) } : counted;
}

/** The part of it that is not in /proc. */
export const besidesProcess = (
  disk: Disk,
  run: RunDirectory,
  rank: number,
): Pick<RankCounters, 'journalBytes' | 'foreignBytes'> => {
  const watchers = readBeat(disk, run.heartbeat(rank))?.ownBytes ?? 0;
  const { atLeast, atMost } = bytesOfVisits({ disk }, run, rank);
  return {
    journalBytes: disk.sizeOf(run.journal(rank)),
    foreignBytes: { atLeast: watchers + atLeast, atMost: watchers + atMost },
  };
};

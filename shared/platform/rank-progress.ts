import { isJsonObject, parseJson } from '../contracts/json.ts';
import { PROGRESS_BYTES } from '../contracts/process-sample.ts';
import type { Disk } from './disk.ts';
import { useOf } from './process/process-use.ts';
import { besidesProcess } from './rank-counters.ts';
import type { RunDirectory } from './run-directory.ts';

/** Whether ranks get on, seen from outside. */
export interface RankProgress {
  /**
   * A number that grows when a rank gets on: when its journal grows, and with every 64 KiB that it and what it has started read
   * or write, where this host's /proc says so. CPU time is none: a rank that hangs in a loop has plenty of it.
   */
  of(rank: number): number;
}

/** Looks at the ranks of an attempt from a process on `host`. */
export function openRankProgress(disk: Disk, run: RunDirectory, host: string): RankProgress {
  const pids = new Map<number, number | undefined>();
  const reached = new Map<number, number>();
  const transfers = new Map<number, SteadyCount>();
  const firstBytes = new Map<number, number>();
  const pidOf = (rank: number): number | undefined => {
    if (!pids.has(rank)) {
      const started = parseJson((disk.readTextIfAny(run.journal(rank)) ?? '').split('\n')[0] ?? '', isStart);
      if (started !== undefined) pids.set(rank, started.host === host ? started.pid : undefined);
    }
    return pids.get(rank);
  };
  const bytesOf = (rank: number): number => {
    const pid = pidOf(rank);
    const use = pid === undefined ? undefined : useOf(disk, pid);
    const count = transfers.get(rank) ?? steadyCount();
    transfers.set(rank, count);
    return count((use?.readBytes ?? 0) + (use?.writtenBytes ?? 0));
  };
  return {
    of: (rank) => {
      const { journalBytes, foreignBytes } = besidesProcess(disk, run, rank);
      const bytes = journalBytes === 0 ? 0 : bytesOf(rank);
      const own = Math.max(0, bytes - foreignBytes.atMost);
      // From the first look on: what is less than 64 KiB, as the start of its watcher, must not count because it crosses a multiple.
      const first = firstBytes.get(rank) ?? Math.max(0, bytes - foreignBytes.atLeast);
      if (journalBytes > 0) firstBytes.set(rank, first);
      // A beat between two looks must not seem to be a step back, and then a step on.
      const most = Math.max(journalBytes + Math.max(0, Math.floor((own - first) / PROGRESS_BYTES)), reached.get(rank) ?? 0);
      reached.set(rank, most);
      return most;
    },
  };
}

type SteadyCount = (bytes: number) => number;

/** A count that never falls: what a process has used that now is nobody's child any more stays counted. */
function steadyCount(): SteadyCount {
  let [most, gone] = [0, 0];
  return (bytes) => {
    if (bytes < most - PROGRESS_BYTES) [most, gone] = [bytes, gone + most - bytes];
    most = Math.max(most, bytes);
    return most + gone;
  };
}

const isStart = (value: unknown): value is { readonly pid: number; readonly host: string } =>
  isJsonObject(value) && typeof value['pid'] === 'number' && typeof value['host'] === 'string';

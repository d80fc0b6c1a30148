import { isJsonObject, parseJson } from '../contracts/json.ts';
import type { Disk } from './disk.ts';
import { readBeat } from './heartbeat/beat-file.ts';
import { aboutProcess } from './process-facts.ts';
import type { RunDirectory } from './run-directory.ts';

/** Whether ranks get on, seen from outside. */
export interface RankProgress {
  /**
   * A number that grows when a rank gets on: when its journal grows, and with every 64 KiB that it reads or writes, where this
   * host's /proc says so. CPU time is none: a rank that hangs in a loop has plenty of it. Nor are its heartbeats.
   */
  of(rank: number): number;
}

const CHUNK_BYTES = 64 * 1024;

/** Looks at the ranks of an attempt from a process on `host`. */
export function openRankProgress(disk: Disk, run: RunDirectory, host: string): RankProgress {
  const pids = new Map<number, number | undefined>();
  const reached = new Map<number, number>();
  const pidOf = (rank: number): number | undefined => {
    if (!pids.has(rank)) {
      const started = parseJson((disk.readTextIfAny(run.journal(rank)) ?? '').split('\n')[0] ?? '', isStart);
      if (started !== undefined) pids.set(rank, started.host === host ? started.pid : undefined);
    }
    return pids.get(rank);
  };
  return {
    of: (rank) => {
      const size = disk.sizeOf(run.journal(rank));
      const pid = size === 0 ? undefined : pidOf(rank);
      const ownBytes = (): number => readBeat(disk, run.heartbeat(rank))?.ownBytes ?? 0;
      const now = size + (pid === undefined ? 0 : Math.floor((bytesMoved(disk, pid) - ownBytes()) / CHUNK_BYTES));
      // A beat between two looks must not seem to be a step back, and then a step on.
      const most = Math.max(now, reached.get(rank) ?? 0);
      reached.set(rank, most);
      return most;
    },
  };
}

const isStart = (value: unknown): value is { readonly pid: number; readonly host: string } =>
  isJsonObject(value) && typeof value['pid'] === 'number' && typeof value['host'] === 'string';

function bytesMoved(disk: Disk, pid: number): number {
  const io = aboutProcess(disk, pid, 'io') ?? '';
  return [...io.matchAll(/^[rw]char: (\d+)$/gm)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

import { RUN_DIRECTORY_VARIABLE } from '../../contracts/run-plan.ts';
import type { Disk } from '../disk.ts';
import { aboutProcess } from '../process-facts.ts';

/**
 * Whether a process is a rank of a run below a directory, by the environment it was started with, and runs for the same user:
 * what somebody has written into a file proves nothing.
 */
export function isRankBelow(disk: Disk, directory: string, pid: number): boolean {
  const run = runDirectoryOf(disk, pid);
  if (run === undefined || userOf(disk, pid) !== userOf(disk, 'self')) return false;
  return real(disk, run).startsWith(`${real(disk, directory)}/`);
}

function runDirectoryOf(disk: Disk, pid: number): string | undefined {
  const prefix = `${RUN_DIRECTORY_VARIABLE}=`;
  const variable = aboutProcess(disk, pid, 'environ')
    ?.split('\0')
    .find((entry) => entry.startsWith(prefix));
  return variable?.slice(prefix.length);
}

/** The real user. */
const userOf = (disk: Disk, pid: number | 'self'): string | undefined =>
  /^Uid:\t(\d+)/m.exec(aboutProcess(disk, pid, 'status') ?? '')?.[1];

const real = (disk: Disk, path: string): string => disk.resolveLinks(path) ?? path;

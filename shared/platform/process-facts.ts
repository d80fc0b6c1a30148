import type { Disk } from './disk.ts';

/** Whether a process has a handler for a signal; false where /proc does not say. */
export function catchesSignal(disk: Disk, pid: number, signalNumber: number): boolean {
  const caught = /^SigCgt:\s+([0-9a-f]+)$/m.exec(aboutProcess(disk, pid, 'status') ?? '')?.[1];
  return caught !== undefined && ((BigInt(`0x${caught}`) >> BigInt(signalNumber - 1)) & 1n) === 1n;
}

/** A file below /proc/PID. */
type ProcessFile =
  | 'cmdline'
  | 'comm'
  | 'environ'
  | 'io'
  | 'net/tcp'
  | 'stat'
  | 'status'
  | `task/${number}/${'children' | 'stat' | 'status' | 'syscall' | 'wchan'}`;

/** A file of /proc about a process; undefined for one that has ended, be it while it is read, or that is another user's. */
export function aboutProcess(disk: Disk, pid: number | 'self', file: ProcessFile): string | undefined {
  try {
    return disk.readTextIfAny(`/proc/${pid}/${file}`);
  } catch {
    return undefined;
  }
}

/** What a link of /proc about a process says; undefined as for {@link aboutProcess}. */
export function linkOfProcess(disk: Disk, pid: number, link: 'cwd' | `fd/${string}`): string | undefined {
  try {
    return disk.readLink(`/proc/${pid}/${link}`);
  } catch {
    return undefined;
  }
}

/** The fields of a `stat` behind the name, which may hold anything: the first is the state. */
export const statFields = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

import type { Disk } from './disk.ts';

/** Whether a process has a handler for a signal; false where /proc does not say. */
export const catchesSignal = (disk: Disk, pid: number, signalNumber: number): boolean =>
  hasSignal(aboutProcess(disk, pid, 'status') ?? '', 'SigCgt', signalNumber);

/** Whether a signal is in one of the sets of a `status`: caught, blocked, or pending for the whole process. */
export function hasSignal(status: string, set: 'SigCgt' | 'SigBlk' | 'ShdPnd', signalNumber: number): boolean {
  const found = new RegExp(`^${set}:\\s+([0-9a-f]+)$`, 'm').exec(status)?.[1];
  return found !== undefined && ((BigInt(`0x${found}`) >> BigInt(signalNumber - 1)) & 1n) === 1n;
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
export function linkOfProcess(disk: Disk, pid: number, link: 'cwd' | 'exe' | `fd/${string}`): string | undefined {
  try {
    return disk.readLink(`/proc/${pid}/${link}`);
  } catch {
    return undefined;
  }
}

/** The fields of a `stat` behind the name, which may hold anything: the first is the state. */
export const statFields = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

import type { Disk } from './disk.ts';

/** Whether a process has a handler for a signal; false where /proc does not say. */
export function catchesSignal(disk: Disk, pid: number, signalNumber: number): boolean {
  const caught = /^SigCgt:\s+([0-9a-f]+)$/m.exec(aboutProcess(disk, pid, 'status') ?? '')?.[1];
  return caught !== undefined && ((BigInt(`0x${caught}`) >> BigInt(signalNumber - 1)) & 1n) === 1n;
}

/** A file of /proc about a process; undefined for one that has ended, be it while it is read, or that is another user's. */
export function aboutProcess(disk: Disk, pid: number | 'self', file: 'environ' | 'status' | 'io'): string | undefined {
  try {
    return disk.readTextIfAny(`/proc/${pid}/${file}`);
  } catch {
    return undefined;
  }
}

import type { Disk } from './disk.ts';

/** Whether a process has a handler for a signal; false where /proc does not say. */
export function catchesSignal(disk: Disk, pid: number, signalNumber: number): boolean {
  const caught = /^SigCgt:\s+([0-9a-f]+)$/m.exec(textOf(disk, `/proc/${pid}/status`))?.[1];
  return caught !== undefined && ((BigInt(`0x${caught}`) >> BigInt(signalNumber - 1)) & 1n) === 1n;
}

/** A process can vanish between the opening of its file and the reading. */
function textOf(disk: Disk, path: string): string {
  try {
    return disk.readTextIfAny(path) ?? '';
  } catch {
    return '';
  }
}

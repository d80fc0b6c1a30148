import type { Disk } from '../../shared/platform/disk.ts';
import { signalProcess } from '../../shared/platform/process-group.ts';
import { isMarked, type RunMark } from './run-mark.ts';

/** A process can start another while it is looked for: it is looked for again, but not for ever. */
const PASSES = 20;

/** Kills what ranks have left outside of their process groups. Without /proc nobody knows. */
export function killStrays(disk: Disk, mark: RunMark): void {
  for (let pass = 0; pass < PASSES; pass += 1) {
    const strays = straysOf(disk, mark);
    if (strays.length === 0) return;
    for (const pid of strays) signalProcess(pid, 'SIGKILL');
  }
}

const straysOf = (disk: Disk, mark: RunMark): readonly number[] =>
  disk
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => isMarked(environmentOf(disk, name), mark))
    .map(Number);

/** Of a process that is gone, or somebody else's, nothing. */
function environmentOf(disk: Disk, pid: string): string {
  try {
    return disk.readTextIfAny(`/proc/${pid}/environ`) ?? '';
  } catch {
    return '';
  }
}

import { dirname, join } from 'node:path';
import type { Disk } from '../../shared/platform/disk.ts';

/** Holds the path of the directory that was there already, below which a run made the others. */
const MADE = 'lease.made';

/**
 * Makes a directory and those above it down from `existing`. Of several runs at once one makes it, and another may be the last
 * to use it: a file in it says that it goes when nobody needs it any more.
 */
export function makeDirectories(disk: Disk, directory: string, existing: string): void {
  try {
    if (disk.makeDirectory(directory)) disk.write(join(directory, MADE), existing);
  } catch (thrown) {
    removeWhileEmpty(disk, directory, existing);
    throw thrown;
  }
}

/** Removes what runs made, as far as it is empty; what was there before stays. Another run that is there will do it. */
export function removeMade(disk: Disk, directory: string): void {
  const existing = disk.readTextIfAny(join(directory, MADE));
  const isInUse = disk.list(directory).some((name) => name !== MADE && name.startsWith('lease.'));
  if (existing === undefined || isInUse) return;
  disk.removeFile(join(directory, MADE));
  removeWhileEmpty(disk, directory, existing);
}

function removeWhileEmpty(disk: Disk, path: string, existing: string): void {
  if (path.length > existing.length && disk.kindOf(path) === 'directory' && disk.removeEmptyDirectory(path)) {
    removeWhileEmpty(disk, dirname(path), existing);
  }
}

import { dirname, join, resolve, sep } from 'node:path';
import type { Disk } from '../../shared/platform/disk.ts';
import { isOfLease, MADE, placeWhole } from '../../shared/platform/lease/lease-record.ts';

/**
 * Makes a directory and those above it down from `existing`. Of several runs at once one makes it, and another may be the last
 * to use it: a file in it says that it goes when nobody needs it any more.
 */
export function makeDirectories(disk: Disk, directory: string, existing: string): void {
  const note = join(directory, MADE);
  try {
    // Half a path would name a directory that nobody made.
    if (disk.makeDirectory(directory)) placeWhole(disk, note, existing, (aside) => disk.rename(aside, note));
  } catch (thrown) {
    removeWhileEmpty(disk, directory, existing);
    throw thrown;
  }
}

/** Removes what runs made, as far as it is empty; what was there before stays. Another run that is there will do it. */
export function removeMade(disk: Disk, directory: string): void {
  const existing = readNote(disk, directory);
  const isInUse = disk.list(directory).some((name) => name !== MADE && isOfLease(name));
  if (existing === undefined || isInUse) return;
  disk.removeFile(join(directory, MADE));
  removeWhileEmpty(disk, directory, existing);
}

/** Undefined where it says nothing that can be true. */
function readNote(disk: Disk, directory: string): string | undefined {
  const note = join(directory, MADE);
  const existing = disk.kindOf(note) === 'file' ? disk.readTextIfAny(note) : undefined;
  return existing !== undefined && isAbove(existing, directory) ? existing : undefined;
}

const isAbove = (path: string, directory: string): boolean =>
  resolve(path) === path && directory.startsWith(path.endsWith(sep) ? path : `${path}${sep}`);

function removeWhileEmpty(disk: Disk, path: string, existing: string): void {
  if (path.length > existing.length && disk.kindOf(path) === 'directory' && disk.removeEmptyDirectory(path)) {
    removeWhileEmpty(disk, dirname(path), existing);
  }
}

import { basename, dirname, join } from 'node:path';
import { MANIFEST, type Manifest } from '../contracts/checkpoint.ts';
import { parseManifest } from '../contracts/manifest.ts';
import type { Disk } from './disk.ts';

/** The run that made a checkpoint; undefined where no directory with a manifest of ours stands. */
export const makerOf = (disk: Disk, checkpoint: string): string | undefined => manifestOf(disk, checkpoint)?.runId;

/** Paths in a checkpoint's directory that no run of ours made: whatever its manifest does not name, or all of it. */
export function foreignPaths(disk: Disk, checkpoint: string): readonly string[] {
  const manifest = manifestOf(disk, checkpoint);
  if (manifest === undefined) return [checkpoint];
  const own = new Set([MANIFEST, ...manifest.files.map(({ path }) => path)]);
  const isOwn = (name: string): boolean => own.has(name) && disk.kindOf(join(checkpoint, name)) === 'file';
  return disk.list(checkpoint).flatMap((name) => (isOwn(name) ? [] : [join(checkpoint, name)]));
}

/**
 * Removes a checkpoint, and its directory unless somebody else's files are in it. It is moved aside first, so that one that is
 * half removed is never taken for a checkpoint. What somebody has put in its place stays.
 */
export function removeCheckpoint(disk: Disk, checkpoint: string, trash: string): void {
  if (disk.kindOf(checkpoint) !== 'directory') return;
  disk.makeDirectory(trash);
  disk.rename(checkpoint, join(trash, basename(checkpoint)));
  emptyTrash(disk, trash);
}

/** Ends what {@link removeCheckpoint} began, however far it came. What is somebody else's, or holds it, goes back. */
export function emptyTrash(disk: Disk, trash: string): void {
  if (disk.kindOf(trash) !== 'directory') return;
  for (const name of disk.list(trash)) {
    const path = join(trash, name);
    removeNamedFiles(disk, path);
    const isGone = disk.kindOf(path) === 'directory' && disk.removeEmptyDirectory(path);
    if (!isGone) disk.rename(path, join(dirname(trash), name));
  }
  disk.removeEmptyDirectory(trash);
}

/** The manifest goes last: as long as it stands, it says what else is ours. */
function removeNamedFiles(disk: Disk, checkpoint: string): void {
  const named = manifestOf(disk, checkpoint)?.files.map(({ path }) => path);
  if (named === undefined) return;
  const paths = [...named, MANIFEST].map((name) => join(checkpoint, name));
  for (const path of paths) if (disk.kindOf(path) === 'file') disk.removeFile(path);
}

/** A link is never followed: what it leads to was moved away by somebody who wants to keep it. */
const manifestOf = (disk: Disk, checkpoint: string): Manifest | undefined => {
  if (disk.kindOf(checkpoint) !== 'directory') return undefined;
  const path = join(checkpoint, MANIFEST);
  return disk.kindOf(path) === 'file' ? parseManifest(disk.readTextIfAny(path)) : undefined;
};

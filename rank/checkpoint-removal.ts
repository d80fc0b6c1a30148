import { basename, dirname, join } from 'node:path';
import type { Disk } from '../shared/platform/disk.ts';

/** Renames a checkpoint before it is removed, so that a half-removed directory is never taken for one. */
export function removeCheckpoint(disk: Disk, path: string, runId: string): void {
  if (disk.kindOf(path) === 'nothing') return;
  const trash = join(dirname(path), `.trash-${runId}`);
  disk.makeDirectory(trash);
  disk.rename(path, join(trash, basename(path)));
  disk.removeTree(trash);
}

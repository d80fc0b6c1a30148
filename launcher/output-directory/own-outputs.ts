import { join } from 'node:path';
import { checkpointStep, isAsideOf, trashName } from '../../shared/contracts/checkpoint.ts';
import { emptyTrash, makerOf, removeCheckpoint } from '../../shared/platform/checkpoint-removal.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { STATE_DIRECTORY } from '../../shared/platform/run-directory.ts';

/** Where a run has made something. */
export interface OwnOutputs {
  readonly path: string;
  readonly runId: string;
  readonly scenarios: readonly string[];
  /** Those that had no directory there. */
  readonly fresh: readonly string[];
}

/** Removes everything that a run created in a directory, and nothing else. */
export function removeOwn(disk: Disk, { path, runId, scenarios, fresh }: OwnOutputs): void {
  for (const scenario of scenarios) removeCheckpoints(disk, join(path, scenario), runId);
  for (const scenario of fresh) disk.removeEmptyDirectory(join(path, scenario));
  disk.removeTree(join(path, STATE_DIRECTORY, runId));
}

function removeCheckpoints(disk: Disk, directory: string, runId: string): void {
  const trash = join(directory, trashName(runId));
  emptyTrash(disk, trash);
  for (const name of disk.list(directory)) {
    const path = join(directory, name);
    if (isAsideOf(name, runId)) disk.removeTree(path);
    else if (checkpointStep(name) !== undefined && makerOf(disk, path) === runId) removeCheckpoint(disk, path, trash);
  }
}

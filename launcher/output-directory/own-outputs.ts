import { join } from 'node:path';
import { checkpointStep, isAsideOf, trashName } from '../../shared/contracts/checkpoint.ts';
import { directoryName } from '../../shared/contracts/expectation.ts';
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

/** Finishes what a run was in the middle of when it died, wherever in a directory: its checkpoints and its record stay. */
export function finishDeadRun(disk: Disk, path: string, runId: string): void {
  for (const name of disk.list(path).filter(directoryName.accepts)) {
    const directory = join(path, name);
    if (isOwnPlace(disk, directory) && disk.isWritable(directory)) finish(disk, directory, runId);
  }
}

function removeCheckpoints(disk: Disk, directory: string, runId: string): void {
  if (!isOwnPlace(disk, directory)) return;
  finish(disk, directory, runId);
  for (const name of disk.list(directory).filter((each) => checkpointStep(each) !== undefined)) {
    const path = join(directory, name);
    if (makerOf(disk, path) === runId) removeCheckpoint(disk, path, join(directory, trashName(runId)));
  }
}

/** Somebody may have moved a scenario's directory away, and left a link. */
const isOwnPlace = (disk: Disk, directory: string): boolean => disk.kindOf(directory) === 'directory';

/** What was being deleted goes, and so does what was being written: neither is a checkpoint. */
function finish(disk: Disk, directory: string, runId: string): void {
  emptyTrash(disk, join(directory, trashName(runId)));
  for (const name of disk.list(directory)) if (isAsideOf(name, runId)) disk.removeTree(join(directory, name));
}

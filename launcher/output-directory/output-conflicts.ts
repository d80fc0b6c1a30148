import { join } from 'node:path';
import { checkpointStep } from '../../shared/contracts/checkpoint.ts';
import { foreignPaths, makerOf } from '../../shared/platform/checkpoint-removal.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { STATE_DIRECTORY } from '../../shared/platform/run-directory.ts';
import { unusable } from './output-refusal.ts';

/** What a run wants to do in a directory that may be in use for other things. */
export interface Intention {
  /** As it was named on the command line. */
  readonly wanted: string;
  readonly path: string;
  readonly scenarios: readonly string[];
  readonly overwrite: boolean;
  /** What an earlier attempt of this very run has left is in nobody's way. */
  readonly runId: string;
}

/** Throws CKPT_OUTPUT_UNUSABLE where something stands in the way that this run may not remove. Writes nothing. */
export function refuseConflicts(disk: Disk, intention: Intention): void {
  refuseStrangeNames(disk, intention);
  const { wanted, overwrite, runId } = intention;
  const found = standingCheckpoints(disk, intention);
  const foreign = found.flatMap((checkpoint) => foreignPaths(disk, checkpoint))[0];
  if (foreign !== undefined) throw unusable(`--output-dir ${wanted}: ${foreign} is there already and was not made by ckpt-run`);
  const others = found.find((checkpoint) => makerOf(disk, checkpoint) !== runId);
  if (others !== undefined && !overwrite) {
    throw unusable(
      `--output-dir ${wanted}: it holds checkpoints already, such as ${others}`,
      'Choose another --output-dir, or add --overwrite.',
    );
  }
}

/** What is called like a checkpoint of one of the scenarios. */
export const standingCheckpoints = (disk: Disk, { path, scenarios }: Intention): readonly string[] =>
  scenarios.flatMap((scenario) =>
    disk
      .list(join(path, scenario))
      .filter((name) => checkpointStep(name) !== undefined)
      .map((name) => join(path, scenario, name)),
  );

/** Nothing but directories where ours go: links are not followed. */
function refuseStrangeNames(disk: Disk, { path, scenarios, wanted }: Intention): void {
  for (const name of [STATE_DIRECTORY, ...scenarios]) {
    const kind = disk.kindOf(join(path, name));
    if (kind === 'nothing' || kind === 'directory') continue;
    const what = kind === 'file' ? 'a file' : 'a symbolic link or special file';
    throw unusable(`--output-dir ${wanted}: ${name} in it is ${what}, expected a directory or nothing`);
  }
}

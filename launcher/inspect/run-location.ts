import { join, resolve } from 'node:path';
import { type CkptError, usageError } from '../../shared/contracts/errors.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { type RunDirectory, runDirectory, STATE_DIRECTORY } from '../../shared/platform/run-directory.ts';

/** The run that a word of the command line means: its directory, or an output directory with one run in it. Throws CKPT_USAGE. */
export function locateRun(disk: Disk, given: string): RunDirectory {
  const path = disk.resolveLinks(given) ?? resolve(given);
  const kind = kindOf(disk, path);
  if (kind !== 'directory') throw noRun(given, kind === 'nothing' ? 'which does not exist' : 'which is no directory');
  if (isRun(disk, path)) return runDirectory(path);
  const runs = attemptsBelow(disk, join(path, STATE_DIRECTORY));
  const [only] = runs;
  if (only === undefined) throw noRun(given, 'in which there is no run of a scenario');
  if (runs.length > 1) throw severalRuns(given, runs);
  return runDirectory(only);
}

const noRun = (given: string, why: string): CkptError =>
  usageError(
    `ckpt-run inspect: got ${JSON.stringify(given)}, ${why}, expected a run directory`,
    'Name the directory that the last line of a failed run names, or an output directory with one run in it.',
  );

/** How many runs are named where one was expected. */
const NAMED = 4;

const severalRuns = (given: string, runs: readonly string[]): CkptError =>
  usageError(
    `ckpt-run inspect: got ${JSON.stringify(given)}, in which there are ${runs.length} runs, expected one of them`,
    `Name one: ${runs.slice(-NAMED).join(', ')}${runs.length > NAMED ? ', …' : ''}.`,
  );

/** Any of these is enough: what else is missing is said later. */
const isRun = (disk: Disk, path: string): boolean => {
  const { plan, journals } = runDirectory(path);
  return kindOf(disk, plan) === 'file' || kindOf(disk, journals) === 'directory';
};

/** Oldest first: the names of runs begin with the time. */
const attemptsBelow = (disk: Disk, directory: string): readonly string[] =>
  namesIn(disk, directory).flatMap((run) =>
    namesIn(disk, join(directory, run))
      .map((attempt) => join(directory, run, attempt))
      .filter((path) => isRun(disk, path)),
  );

function kindOf(disk: Disk, path: string): ReturnType<Disk['kindOf']> {
  try {
    return disk.kindOf(path);
  } catch {
    return 'nothing';
  }
}

/** In order; none where they cannot be read. */
export function namesIn(disk: Disk, directory: string): readonly string[] {
  try {
    return disk.list(directory).toSorted();
  } catch {
    return [];
  }
}

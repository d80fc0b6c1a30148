import type { Barrier } from '../contracts/barrier.ts';
import { type CkptError, messageOf, usageError } from '../contracts/errors.ts';
import { DEFAULT_HARD_TIMEOUT_MS, RUN_DIRECTORY_VARIABLE } from '../contracts/run-plan.ts';
import { type World, worldFromEnvironment } from '../contracts/world.ts';
import { openFileBarrier } from './barrier/file-barrier.ts';
import type { Disk } from './disk.ts';
import { withFreshView } from './fresh-view.ts';
import { openJournal } from './journal-file.ts';
import type { Platform } from './platform.ts';
import { type RunDirectory, runDirectory } from './run-directory.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A process of a launched program that is a rank, or for a while stands for one. */
export interface ProgramRank {
  readonly world: World;
  readonly barrier: Barrier;
  /** Says that the rank has reached its end. */
  finish(): void;
  /** Nothing is done after it. */
  close(): void;
}

/** What a process brings to be a rank. */
export interface ProgramRankOptions {
  readonly platform: Platform;
  /** As the launcher gave it to the rank. */
  readonly environment: Environment;
  /** How long barriers wait unless they are told otherwise. */
  readonly timeoutMs?: number;
  /** Asked within the call of a barrier: where the program called it. */
  readonly callSite?: () => string | null;
}

/** Nothing is known of how a program gets on: its barriers wait at once as long as others do for a rank that gets on. */
const DEFAULT_TIMEOUT_MS = DEFAULT_HARD_TIMEOUT_MS;

/**
 * Takes the place among the ranks that the environment names, behind the barriers at which earlier processes of the rank were.
 * Throws CKPT_USAGE for a process that is no rank, and what the last barrier came to if it did not open.
 */
export function openProgramRank({
  platform: real,
  environment,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  callSite,
}: ProgramRankOptions): ProgramRank {
  const run = runIn(real.disk, environment);
  const platform = withFreshView(real, run.path);
  const world = worldIn(environment);
  const { rank, worldSize } = world;
  const { clock, disk, pid, host } = platform;
  const isFirst = disk.sizeOf(run.journal(rank)) === 0;
  const journal = openJournal(platform, run.journal(rank));
  const bootMs = clock.monotonicMs();
  if (isFirst) journal.append({ type: 'rank:started', rank, worldSize, pid, host, node: process.version, bootMs });
  const place = { directory: run.barriers, rank, worldSize, resumes: true };
  const barrier = openFileBarrier({ platform, journal, timeoutMs, ...place, ...(callSite === undefined ? {} : { callSite }) });
  return {
    world,
    barrier,
    finish: () => journal.append({ type: 'rank:finished', peakMemoryBytes: platform.peakMemoryBytes() }),
    close: () => {
      barrier.close();
      journal.close();
    },
  };
}

function runIn(disk: Disk, environment: Environment): RunDirectory {
  const path = environment[RUN_DIRECTORY_VARIABLE];
  if (path === undefined || path === '') throw noRank(`${RUN_DIRECTORY_VARIABLE} is not set`);
  const run = runDirectory(path);
  if (disk.kindOf(run.barriers) !== 'directory') throw noRank(`${RUN_DIRECTORY_VARIABLE}=${path}: there is no run`);
  return run;
}

function worldIn(environment: Environment): World {
  try {
    return worldFromEnvironment(environment);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw noRank(messageOf(thrown));
    throw thrown;
  }
}

const noRank = (why: string): CkptError =>
  usageError(`this process is no rank: ${why}`, 'Launch its program as the ranks: ckpt-run --nproc-per-node=2 PROGRAM.');

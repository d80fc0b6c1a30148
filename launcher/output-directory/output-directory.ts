import { dirname, join, resolve } from 'node:path';
import { trashName } from '../../shared/contracts/checkpoint.ts';
import { CkptError, messageOf } from '../../shared/contracts/errors.ts';
import { removeCheckpoint } from '../../shared/platform/checkpoint-removal.ts';
import { codeOf, type Disk } from '../../shared/platform/disk.ts';
import { type Lease, refuseLiveHolder, takeLease } from '../../shared/platform/lease/lease.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { STATE_DIRECTORY } from '../../shared/platform/run-directory.ts';
import { makeDirectories, removeMade } from './made-directories.ts';
import { type Intention, refuseConflicts, standingCheckpoints } from './output-conflicts.ts';
import { attempt, unusable } from './output-refusal.ts';
import { finishDeadRun, removeOwn } from './own-outputs.ts';

/** How often a directory is made that others remove. */
const TRIES = 5;

/** The shared checkpoint directory of one run, claimed. */
export interface OutputDirectory {
  readonly path: string;
  /** False once somebody else may use it, too. */
  readonly isOurs: () => boolean;
  /** Writes down a rank for the next run, should this launcher die and the rank not. Never throws: the rank runs. */
  readonly noteRank: (rank: number, pid: number) => void;
  /** Removes everything that this run created, and nothing else; nothing once somebody else may use the directory. */
  clear(): void;
  /** Gives the directory back. */
  release(): Promise<void>;
  /** Leaves it to nobody, instead: a rank that cannot be ended may still write there. */
  leaveClaimed(): void;
}

/** What the directory is claimed for. */
export interface OutputClaim {
  /** As it was named; undefined for a temporary one. */
  readonly wanted: string | undefined;
  /** Where temporary ones are made. */
  readonly temporaryRoot: string;
  readonly overwrite: boolean;
  readonly scenarios: readonly string[];
  readonly runId: string;
  readonly warn: (line: string) => void;
  readonly onLeaseLost: (error: CkptError) => void;
}

/**
 * Claims the directory that was named, or makes a temporary one that nobody else can know. Throws CKPT_OUTPUT_UNUSABLE or
 * CKPT_OUTPUT_IN_USE before anything is written.
 */
export async function claimOutputDirectory(platform: Platform, claim: OutputClaim): Promise<OutputDirectory> {
  return claim.wanted === undefined ? temporaryDirectory(platform, claim) : namedDirectory(platform, claim.wanted, claim);
}

function temporaryDirectory({ disk }: Platform, { temporaryRoot }: OutputClaim): OutputDirectory {
  const path = attempt(
    `TMPDIR=${temporaryRoot}`,
    () => disk.makeTemporaryDirectory(join(temporaryRoot, 'ckpt-run-')),
    'Set TMPDIR to a directory that can be written, or choose an --output-dir.',
  );
  return {
    path,
    isOurs: () => true,
    // No other run will ever use it.
    noteRank: () => undefined,
    clear: () => disk.removeTree(path),
    release: async () => undefined,
    leaveClaimed: () => undefined,
  };
}

async function namedDirectory(platform: Platform, wanted: string, claim: OutputClaim): Promise<OutputDirectory> {
  const { disk } = platform;
  const path = attempt(`--output-dir ${wanted}`, () => disk.resolveLinks(wanted) ?? resolve(wanted));
  const intention = { ...claim, wanted, path };
  const existing = attempt(`--output-dir ${wanted}`, () => refuseUnusable(disk, wanted, path));
  attempt(`--output-dir ${wanted}`, () => refuseLiveHolder(platform, join(path, STATE_DIRECTORY)));
  refuseConflicts(disk, intention);
  const lease = await makeAndLease(platform, intention, existing);
  const { runId, scenarios } = claim;
  try {
    // Only now nobody else changes anything.
    refuseConflicts(disk, intention);
    const fresh = scenarios.filter((name) => disk.kindOf(join(path, name)) === 'nothing');
    for (const checkpoint of standingCheckpoints(disk, intention)) {
      removeCheckpoint(disk, checkpoint, join(dirname(checkpoint), trashName(runId)));
    }
    const clear = (): void => {
      if (lease.isHeld()) removeOwn(disk, { path, runId, scenarios, fresh });
    };
    const { isHeld: isOurs, noteRank, leaveClaimed } = lease;
    return { path, isOurs, noteRank, clear, leaveClaimed, release: () => giveBack(disk, path, lease) };
  } catch (thrown) {
    await giveBack(disk, path, lease);
    throw thrown;
  }
}

/** Throws CKPT_OUTPUT_UNUSABLE. Returns the directory that is there already: the path itself, or the nearest above it. */
export function refuseUnusable(disk: Disk, wanted: string, path: string): string {
  let existing = path;
  while (disk.resolveLinks(existing) === undefined) existing = dirname(existing);
  if (disk.kindOf(disk.resolveLinks(existing) ?? existing) !== 'directory') {
    throw unusable(`--output-dir ${wanted}: ${existing === path ? 'it' : existing} is a file, expected a directory`);
  }
  if (!disk.isWritable(existing)) throw unusable(`--output-dir ${wanted}: ${existing} is not writable`);
  return existing;
}

/** The directory that we make may go again, empty, until the lease is in it: another run gives it back in this moment. */
async function makeAndLease(
  platform: Platform,
  { wanted, path, ...claim }: OutputClaim & Intention,
  existing: string,
): Promise<Lease> {
  const { disk } = platform;
  const state = join(path, STATE_DIRECTORY);
  for (let tries = 1; ; tries += 1) {
    try {
      attempt(`--output-dir ${wanted}`, () => makeDirectories(disk, state, existing));
      return await takeLease(platform, state, {
        runId: claim.runId,
        takeover: claim.warn,
        dead: (runId) => finishQuietly(disk, path, runId, claim.warn),
        lost: claim.onLeaseLost,
      });
    } catch (thrown) {
      if (thrown instanceof CkptError && thrown.code !== 'CKPT_OUTPUT_IN_USE') removeMade(disk, state);
      const hasVanished = thrown instanceof Error && codeOf(thrown.cause) === 'ENOENT';
      if (!hasVanished || tries === TRIES) throw thrown;
    }
  }
}

/** It is in nobody's way: a failure is told, and no more. */
function finishQuietly(disk: Disk, path: string, runId: string, warn: (line: string) => void): void {
  try {
    finishDeadRun(disk, path, runId);
  } catch (thrown) {
    warn(`something of the dead run ${runId} stays in ${path}: ${messageOf(thrown)}`);
  }
}

async function giveBack(disk: Disk, path: string, lease: Lease): Promise<void> {
  const isHeld = lease.isHeld();
  await lease.release();
  if (isHeld) removeMade(disk, join(path, STATE_DIRECTORY));
}

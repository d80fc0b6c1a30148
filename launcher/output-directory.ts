import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { checkpointName, checkpointStep } from '../shared/contracts/checkpoint.ts';
import { CkptError, messageOf } from '../shared/contracts/errors.ts';
import { parseManifest } from '../shared/contracts/manifest.ts';
import type { Disk } from '../shared/platform/disk.ts';
import { type Lease, refuseLiveHolder, takeLease } from '../shared/platform/lease.ts';
import type { Platform } from '../shared/platform/platform.ts';
import { STATE_DIRECTORY } from '../shared/platform/run-directory.ts';

/** The shared checkpoint directory of one run, claimed. */
export interface OutputDirectory {
  readonly path: string;
  /** Gives the directory back. Without `keep` everything that this run created goes, and nothing else. */
  release(keep: boolean): Promise<void>;
}

/** What the directory is claimed for. */
export interface OutputClaim {
  readonly wanted: string | undefined;
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
  return claim.wanted === undefined ? temporaryDirectory(platform) : namedDirectory(platform, claim.wanted, claim);
}

function temporaryDirectory({ disk }: Platform): OutputDirectory {
  const path = attempt(
    `TMPDIR=${tmpdir()}`,
    () => disk.makeTemporaryDirectory(join(resolve(tmpdir()), 'ckpt-run-')),
    'Set TMPDIR to a directory that can be written, or choose an --output-dir.',
  );
  return {
    path,
    release: async (keep) => {
      if (!keep) disk.removeTree(path);
    },
  };
}

async function namedDirectory(platform: Platform, wanted: string, claim: OutputClaim): Promise<OutputDirectory> {
  const { disk } = platform;
  const path = attempt(`--output-dir ${wanted}`, () => disk.resolveLinks(wanted) ?? resolve(wanted));
  const state = join(path, STATE_DIRECTORY);
  const existing = attempt(`--output-dir ${wanted}`, () => refuseUnusable(disk, wanted, path));
  refuseStrangeNames(disk, path, claim);
  refuseLiveHolder(platform, state);
  refuseConflicts(disk, path, claim);
  attempt(`--output-dir ${wanted}`, () => {
    try {
      disk.makeDirectory(state);
    } catch (thrown) {
      removeEmptyDirectories(disk, path, existing);
      throw thrown;
    }
  });
  const lease = await takeLease(platform, state, { takeover: claim.warn, lost: claim.onLeaseLost });
  try {
    refuseStrangeNames(disk, path, claim);
    refuseConflicts(disk, path, claim);
    const fresh = claim.scenarios.filter((name) => disk.kindOf(join(path, name)) === 'nothing');
    for (const { path: doomed } of conflicts(disk, path, claim.scenarios)) disk.removeTree(doomed);
    return { path, release: (keep) => giveBack(disk, path, { ...claim, keep, fresh, existing, lease }) };
  } catch (thrown) {
    await giveBack(disk, path, { ...claim, keep: true, fresh: [], existing, lease });
    throw thrown;
  }
}

/** Returns the directory that is there already: the path itself, or the nearest above it. */
function refuseUnusable(disk: Disk, wanted: string, path: string): string {
  let existing = path;
  while (disk.resolveLinks(existing) === undefined) existing = dirname(existing);
  if (disk.kindOf(disk.resolveLinks(existing) ?? existing) !== 'directory') {
    throw unusable(`--output-dir ${wanted}: ${existing === path ? 'it' : existing} is a file, expected a directory`);
  }
  if (!disk.isWritable(existing)) throw unusable(`--output-dir ${wanted}: ${existing} is not writable`);
  return existing;
}

/** A directory and those above it, as long as they are empty, up to one that stays. */
function removeEmptyDirectories(disk: Disk, path: string, stays: string): void {
  if (path.length > stays.length && disk.kindOf(path) === 'directory' && disk.removeEmptyDirectory(path)) {
    removeEmptyDirectories(disk, dirname(path), stays);
  }
}

interface Conflict {
  readonly path: string;
  /** Whether a manifest of ckpt-run stands in it. */
  readonly isOurs: boolean;
}

/** Nothing but directories where ours go: links are not followed. */
function refuseStrangeNames(disk: Disk, path: string, { scenarios, wanted = path }: OutputClaim): void {
  for (const name of [STATE_DIRECTORY, ...scenarios]) {
    const kind = disk.kindOf(join(path, name));
    if (kind !== 'nothing' && kind !== 'directory') {
      throw unusable(
        `--output-dir ${wanted}: ${name} in it is ${kind === 'file' ? 'a file' : 'a symbolic link or special file'}, expected a directory or nothing`,
      );
    }
  }
}

function refuseConflicts(disk: Disk, path: string, { scenarios, overwrite, wanted = path }: OutputClaim): void {
  const found = conflicts(disk, path, scenarios);
  const foreign = found.find(({ isOurs }) => !isOurs);
  if (foreign !== undefined)
    throw unusable(`--output-dir ${wanted}: ${foreign.path} is there already and was not made by ckpt-run`);
  if (found[0] !== undefined && !overwrite) {
    throw unusable(
      `--output-dir ${wanted}: it holds checkpoints already, such as ${found[0].path}`,
      'Choose another --output-dir, or add --overwrite.',
    );
  }
}

const conflicts = (disk: Disk, path: string, scenarios: readonly string[]): readonly Conflict[] =>
  scenarios.flatMap((scenario) =>
    disk
      .list(join(path, scenario))
      .filter((name) => checkpointStep(name) !== undefined)
      .map((name) => join(path, scenario, name))
      .map((checkpoint) => ({
        path: checkpoint,
        isOurs: disk.kindOf(checkpoint) === 'directory' && ownerOf(disk, checkpoint) !== undefined,
      })),
  );

const ownerOf = (disk: Disk, checkpoint: string): string | undefined =>
  parseManifest(disk.readTextIfAny(join(checkpoint, 'manifest.json')))?.runId;

interface GiveBack extends OutputClaim {
  readonly keep: boolean;
  /** Those that had no directory here. */
  readonly fresh: readonly string[];
  /** The directory that was there already. */
  readonly existing: string;
  readonly lease: Lease;
}

async function giveBack(disk: Disk, path: string, { keep, scenarios, fresh, existing, runId, lease }: GiveBack): Promise<void> {
  if (!keep) {
    for (const scenario of scenarios) removeOwn(disk, join(path, scenario), runId);
    for (const scenario of fresh) disk.removeEmptyDirectory(join(path, scenario));
    disk.removeTree(join(path, STATE_DIRECTORY, runId));
  }
  await lease.release();
  disk.removeEmptyDirectory(join(path, STATE_DIRECTORY));
  removeEmptyDirectories(disk, path, existing);
}

function removeOwn(disk: Disk, directory: string, runId: string): void {
  for (const name of disk.list(directory)) {
    const step = checkpointStep(name);
    const isOwnCheckpoint = step !== undefined && name === checkpointName(step) && ownerOf(disk, join(directory, name)) === runId;
    const isOwnRemnant = name === `.trash-${runId}` || (name.startsWith('.checkpoint-') && name.includes(`.tmp-${runId}-`));
    if (isOwnCheckpoint || isOwnRemnant) disk.removeTree(join(directory, name));
  }
}

function attempt<T>(what: string, work: () => T, hint?: string): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof CkptError) throw thrown;
    throw unusable(`${what}: ${messageOf(thrown)}, expected a directory that can be written`, hint);
  }
}

const unusable = (message: string, hint = 'Choose another --output-dir.'): CkptError =>
  new CkptError(message, { code: 'CKPT_OUTPUT_UNUSABLE', hint });

import { dirname, join } from 'node:path';
import { CkptError } from '../../contracts/errors.ts';
import { codeOf } from '../disk.ts';
import { outputUnusable } from '../output-unusable.ts';
import type { Platform } from '../platform.ts';
import { isAlive } from '../process-identity.ts';
import { leaseInUse, leaseLost } from './lease-error.ts';
import { endRanks, noteRank } from './lease-ranks.ts';
import {
  type LeaseFiles,
  type LeaseHolder,
  leaseFiles,
  newHolder,
  placeRecord,
  readRecord,
  replaceRecord,
  type StandingRecord,
} from './lease-record.ts';
import { type Contender, isGone, removeLeftBehind, STALE_AFTER_MS, supersede } from './lease-takeover.ts';

/** The right to use a directory, held for the life of a run. */
export interface Lease {
  /** False once it was lost, even if nobody has noticed yet. */
  isHeld(): boolean;
  /** Writes down a rank, for whoever takes over when this process is dead. */
  noteRank(rank: number, pid: number): void;
  /** Gives it up, unless it was lost to somebody else meanwhile. */
  release(): Promise<void>;
  /** Leaves it behind for good, to be taken over only where it can be seen that the ranks which were written down are gone. */
  leaveClaimed(): void;
}

/** Who takes a lease, and what is called while it is taken and held. */
export interface LeaseRequest {
  readonly runId: string;
  readonly takeover: (line: string) => void;
  /** A run is provably dead, and so are its ranks: now nobody but us can finish what it was in the middle of. */
  readonly dead: (runId: string) => void;
  readonly lost: (error: CkptError) => void;
}

const TRIES = 100;

/** Throws CKPT_OUTPUT_IN_USE unless the holder of the lease is gone, as far as can be known. Writes nothing. */
export function refuseLiveHolder(platform: Platform, directory: string): void {
  const files = leaseFiles(directory);
  const standing = readRecord(platform.disk, files.owner);
  if (standing !== undefined && !isGone({ platform, files }, standing)) throw leaseInUse(directory, standing.holder);
}

/**
 * Takes the lease on a directory: whoever puts down the record of its owner has it, and keeps a lock fresh for those who
 * cannot see whether the owner lives. A holder that is dead on this host is replaced at once, and what it left running is
 * ended. Throws CKPT_OUTPUT_IN_USE with the holder's pid and host.
 */
export async function takeLease(platform: Platform, directory: string, on: LeaseRequest): Promise<Lease> {
  const { default: lockfile } = await import('proper-lockfile');
  const { disk } = platform;
  const files = leaseFiles(directory);
  const self = newHolder(platform, on.runId);
  const lock = { lockfilePath: files.lock, realpath: false, stale: STALE_AFTER_MS };
  let isLost = false;
  const onCompromised = (cause: Error): void => {
    isLost = true;
    on.lost(leaseLost(directory, cause));
  };
  const isOwner = (): boolean => readRecord(disk, files.owner)?.holder?.token === self.token;

  /** The library would remove the lock when this process ends, and it is the winner's now: give up one that is not there. */
  const forget = (): Promise<void> =>
    lockfile.unlock(directory, { ...lock, lockfilePath: join(files.lock, 'lost') }).catch(() => undefined);

  try {
    await putDownRecord({ platform, files, self }, on);
    const unlock = await lockfile.lock(directory, { ...lock, update: STALE_AFTER_MS / 5, onCompromised });
    if (!isOwner()) {
      await unlock();
      throw leaseInUse(directory, readRecord(disk, files.owner)?.holder);
    }
    disk.removeFile(files.ranks);
    removeLeftBehind(platform, files);
    return {
      isHeld: () => !isLost && isOwner() && disk.kindOf(files.lock) === 'directory',
      noteRank: (rank, pid) => noteRank(platform, files, rank, pid),
      release: async () => {
        if (!isOwner()) return forget();
        disk.removeFile(files.ranks);
        removeLeftBehind(platform, files);
        if (!isLost) await unlock();
        disk.removeFile(files.owner);
      },
      leaveClaimed: () => {
        if (isOwner()) replaceRecord(disk, files.owner, { ...self, hasLeftRanks: true });
      },
    };
  } catch (cause) {
    if (isOwner()) disk.removeFile(files.owner);
    throw refusal(directory, cause);
  }
}

/** Where a record stands already, its holder must be gone. */
async function putDownRecord(contender: Contender, on: LeaseRequest): Promise<void> {
  const { platform, files, self } = contender;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (placeRecord(platform.disk, files.owner, self)) return;
    const standing = readRecord(platform.disk, files.owner);
    // It was given back in this very moment.
    if (standing === undefined) continue;
    if (!isGone(contender, standing)) throw leaseInUse(files.directory, standing.holder);
    return supersede(contender, files.owner, standing, () => clearAway(contender, standing, on));
  }
  throw leaseInUse(files.directory, undefined);
}

async function clearAway({ platform, files }: Contender, { holder }: StandingRecord, on: LeaseRequest): Promise<void> {
  const isDead = holder !== undefined && isAlive(platform, holder) === 'dead';
  const why = isDead ? 'is dead' : `has not renewed its lease for ${STALE_AFTER_MS / 1000} s`;
  const who = `its holder${holder === undefined ? '' : `, pid ${holder.pid},`}`;
  on.takeover(`taking over ${dirname(files.directory)}: ${who} ${why}${evidenceOf(platform, files, holder)}`);
  if (isDead) await endRanks(platform, files, holder, on.takeover);
  if (isDead && holder.runId !== undefined) on.dead(holder.runId);
  platform.disk.removeFile(files.ranks);
  platform.disk.removeEmptyDirectory(files.lock);
}

/** Where to look for what a run was doing when it ended. */
function evidenceOf({ disk }: Platform, { directory }: LeaseFiles, holder: LeaseHolder | undefined): string {
  const run = holder?.runId === undefined ? undefined : join(directory, holder.runId);
  return run !== undefined && disk.kindOf(run) === 'directory' ? `; what its run left is in ${run}` : '';
}

function refusal(directory: string, cause: unknown): CkptError {
  if (cause instanceof CkptError) return cause;
  return codeOf(cause) === 'ELOCKED' ? leaseInUse(directory, undefined, cause) : outputUnusable(dirname(directory), cause);
}

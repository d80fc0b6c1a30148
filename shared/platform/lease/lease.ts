import { dirname } from 'node:path';
import { CkptError } from '../../contracts/errors.ts';
import { codeOf } from '../disk.ts';
import { outputUnusable } from '../output-unusable.ts';
import type { Platform } from '../platform.ts';
import { isAlive } from '../process-identity.ts';
import { leaseInUse, leaseLost } from './lease-error.ts';
import { endRanks, noteRank } from './lease-ranks.ts';
import { leaseFiles, newHolder, placeRecord, readRecord, type StandingRecord } from './lease-record.ts';
import { type Contender, isGone, removeDeadClaims, supersede } from './lease-takeover.ts';

/** The right to use a directory, held for the life of a run. */
export interface Lease {
  /** False once it was lost, even if nobody has noticed yet. */
  isHeld(): boolean;
  /** Writes down a rank, for whoever takes over when this process is dead. */
  noteRank(rank: number, pid: number): void;
  /** Gives it up, unless it was lost to somebody else meanwhile. */
  release(): Promise<void>;
}

/** Who is told what while a lease is taken and held. */
export interface LeaseEvents {
  readonly takeover: (line: string) => void;
  readonly lost: (error: CkptError) => void;
}

const STALE_AFTER_MS = 60_000;
const TRIES = 100;

/** Throws CKPT_OUTPUT_IN_USE when a process that is alive holds the lease. Writes nothing. */
export function refuseLiveHolder(platform: Platform, directory: string): void {
  const holder = readRecord(platform.disk, leaseFiles(directory).owner)?.holder;
  if (holder !== undefined && isAlive(platform, holder) === 'alive') throw leaseInUse(directory, holder);
}

/**
 * Takes the lease on a directory: whoever puts down the record of its owner has it, and keeps a lock fresh for those who
 * cannot see whether the owner lives. A holder that is dead on this host is replaced at once, and what it left running is
 * ended. Throws CKPT_OUTPUT_IN_USE with the holder's pid and host.
 */
export async function takeLease(platform: Platform, directory: string, on: LeaseEvents): Promise<Lease> {
  const { default: lockfile } = await import('proper-lockfile');
  const { disk } = platform;
  const files = leaseFiles(directory);
  const self = newHolder(platform);
  const lock = { lockfilePath: files.lock, realpath: false, stale: STALE_AFTER_MS };
  let isLost = false;
  const onCompromised = (cause: Error): void => {
    isLost = true;
    on.lost(leaseLost(directory, cause));
  };
  const isOwner = (): boolean => readRecord(disk, files.owner)?.holder?.token === self.token;

  try {
    await putDownRecord({ platform, files, self, isLockFresh: () => lockfile.check(directory, lock) }, on.takeover);
    const unlock = await lockfile.lock(directory, { ...lock, update: STALE_AFTER_MS / 5, onCompromised });
    disk.removeFile(files.ranks);
    removeDeadClaims(platform, files);
    return {
      isHeld: () => !isLost && isOwner() && disk.kindOf(files.lock) === 'directory',
      noteRank: (rank, pid) => noteRank(platform, files, rank, pid),
      release: async () => {
        if (!isOwner()) return;
        disk.removeFile(files.ranks);
        if (!isLost) await unlock();
        disk.removeFile(files.owner);
      },
    };
  } catch (cause) {
    if (isOwner()) disk.removeFile(files.owner);
    throw refusal(directory, cause);
  }
}

/** Where a record stands already, its holder must be gone. */
async function putDownRecord(contender: Contender, tell: (line: string) => void): Promise<void> {
  const { platform, files, self } = contender;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (placeRecord(platform.disk, files.owner, self)) return;
    const standing = readRecord(platform.disk, files.owner);
    // It was given back in this very moment.
    if (standing === undefined) continue;
    if (!(await isGone(contender, standing))) throw leaseInUse(files.directory, standing.holder);
    return supersede(contender, files.owner, standing, () => clearAway(contender, standing, tell));
  }
  throw leaseInUse(files.directory, undefined);
}

async function clearAway(
  { platform, files }: Contender,
  { holder }: StandingRecord,
  tell: (line: string) => void,
): Promise<void> {
  const isDead = holder !== undefined && isAlive(platform, holder) === 'dead';
  const why = isDead ? 'is dead' : `has not renewed its lease for ${STALE_AFTER_MS / 1000} s`;
  tell(`taking over ${dirname(files.directory)}: its holder${holder === undefined ? '' : `, pid ${holder.pid},`} ${why}`);
  if (isDead) await endRanks(platform, files, holder, tell);
  platform.disk.removeFile(files.ranks);
  platform.disk.removeEmptyDirectory(files.lock);
}

function refusal(directory: string, cause: unknown): CkptError {
  if (cause instanceof CkptError) return cause;
  return codeOf(cause) === 'ELOCKED' ? leaseInUse(directory, undefined, cause) : outputUnusable(dirname(directory), cause);
}

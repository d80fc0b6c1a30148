import { dirname, join } from 'node:path';
import { CkptError, messageOf } from '../contracts/errors.ts';
import { isJsonObject } from '../contracts/json.ts';
import type { Platform } from './platform.ts';
import { isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';
import { randomHex } from './random.ts';

/** The right to use a directory, held for the life of a run. */
export interface Lease {
  /** Gives it up, unless it was lost to somebody else meanwhile. */
  release(): Promise<void>;
}

interface Owner extends ProcessIdentity {
  readonly token: string;
}

const LOCK = 'lease.lock';
const OWNER = 'lease.owner.json';
const STALE_AFTER_MS = 60_000;

/** Throws CKPT_OUTPUT_IN_USE when a process that is alive holds the lease. Writes nothing. */
export function refuseLiveHolder(platform: Platform, directory: string): void {
  const holder = readOwner(platform.disk.readTextIfAny(join(directory, OWNER)));
  const isLocked = platform.disk.kindOf(join(directory, LOCK)) !== 'nothing';
  if (holder !== undefined && isLocked && isAlive(platform, holder) === 'alive') throw inUse(directory, holder);
}

/**
 * Takes the lease on a directory. A holder that is dead on this host is replaced at once and `on.takeover` is told. Throws
 * CKPT_OUTPUT_IN_USE with the holder's pid and host. `on.lost` hears if the lease is lost while it is held.
 */
export async function takeLease(
  platform: Platform,
  directory: string,
  on: { readonly takeover: (line: string) => void; readonly lost: (error: CkptError) => void },
): Promise<Lease> {
  const { disk } = platform;
  const lockPath = join(directory, LOCK);
  const ownerPath = join(directory, OWNER);
  const { default: lockfile } = await import('proper-lockfile');
  const token = randomHex(16);
  let isLost = false;

  const acquire = async (): Promise<() => Promise<void>> =>
    lockfile.lock(directory, {
      lockfilePath: lockPath,
      realpath: false,
      stale: STALE_AFTER_MS,
      update: STALE_AFTER_MS / 5,
      onCompromised: (cause) => {
        isLost = true;
        on.lost(leaseLost(directory, cause));
      },
    });

  const holder = readOwner(disk.readTextIfAny(ownerPath));
  const claim = holder === undefined ? undefined : takeOver(platform, { directory, lockPath, ownerPath, holder }, on.takeover);
  const unlock = await acquire().catch((cause: unknown) => {
    if (claim !== undefined) disk.removeEmptyDirectory(claim);
    throw isLocked(cause) ? inUse(directory, readOwner(disk.readTextIfAny(ownerPath)), cause) : unusable(directory, cause);
  });
  disk.write(ownerPath, JSON.stringify({ ...processIdentity(platform), token } satisfies Owner));
  if (claim !== undefined) disk.removeEmptyDirectory(claim);

  return {
    release: async () => {
      if (isLost || readOwner(disk.readTextIfAny(ownerPath))?.token !== token) return;
      disk.removeFile(ownerPath);
      await unlock();
    },
  };
}

interface DeadLease {
  readonly directory: string;
  readonly lockPath: string;
  readonly ownerPath: string;
  readonly holder: Owner;
}

/**
 * Clears away what a holder that is dead left, and returns the claim to remove once the new owner stands. Of several contenders
 * one wins: each holder can be replaced only by who makes the directory named after its token, and only while its record stands.
 */
function takeOver(
  platform: Platform,
  { directory, lockPath, ownerPath, holder }: DeadLease,
  tell: (line: string) => void,
): string | undefined {
  const { disk } = platform;
  const state = isAlive(platform, holder);
  if (state === 'alive') throw inUse(directory, holder);
  // On another host only the age of the lock tells, and the library judges that.
  if (state === 'unknown') return undefined;
  const claim = `${ownerPath}.${holder.token}`;
  if (!disk.makeDirectory(claim)) throw inUse(directory, undefined);
  const current = readOwner(disk.readTextIfAny(ownerPath));
  if (current?.token !== holder.token) {
    disk.removeEmptyDirectory(claim);
    throw inUse(directory, current);
  }
  tell(`taking over ${dirname(directory)}: its holder, pid ${holder.pid}, is dead`);
  disk.removeEmptyDirectory(lockPath);
  disk.removeFile(ownerPath);
  return claim;
}

const isLocked = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ELOCKED';

const unusable = (directory: string, cause: unknown): CkptError =>
  new CkptError(`--output-dir ${dirname(directory)}: ${messageOf(cause)}`, {
    code: 'CKPT_OUTPUT_UNUSABLE',
    hint: 'Choose another --output-dir.',
    cause,
  });

function readOwner(text: string | undefined): Owner | undefined {
  try {
    const read: unknown = JSON.parse(text ?? 'null');
    return isJsonObject(read) && isOwner(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

const isOwner = (read: object): read is Owner =>
  'token' in read && 'pid' in read && typeof read.pid === 'number' && 'host' in read && typeof read.host === 'string';

function inUse(directory: string, holder: Owner | undefined, cause?: unknown): CkptError {
  const who = holder === undefined ? 'another ckpt-run' : `another ckpt-run, pid ${holder.pid} on host ${holder.host},`;
  return new CkptError(`--output-dir ${dirname(directory)}: ${who} is using this directory`, {
    code: 'CKPT_OUTPUT_IN_USE',
    hint: 'Wait for it to end, or choose another --output-dir.',
    evidence: holder === undefined ? null : { pid: holder.pid, host: holder.host },
    ...(cause === undefined ? {} : { cause }),
  });
}

const leaseLost = (directory: string, cause: Error): CkptError =>
  new CkptError(`the lease on ${dirname(directory)} was lost: ${cause.message}`, {
    code: 'CKPT_LEASE_LOST',
    hint: 'Check whether somebody removed files there, or whether this machine was suspended.',
    cause,
  });

import { join } from 'node:path';
import { isJsonObject, parseJson } from '../../contracts/json.ts';
import type { Disk } from '../disk.ts';
import type { Platform } from '../platform.ts';
import { type ProcessIdentity, processIdentity } from '../process-identity.ts';
import { randomHex } from '../random.ts';

/** A process that holds a lease or claims one, and a name that no other ever has. */
export interface LeaseHolder extends ProcessIdentity {
  /** Its run; it gives what it makes names of which this is a part. */
  readonly runId?: string | undefined;
  /** It has ended, and could not end all its ranks. */
  readonly hasLeftRanks?: true;
  readonly token: string;
}

/** A record as it stands in its place; `holder` is undefined where it cannot be understood. */
export interface StandingRecord {
  readonly text: string;
  readonly holder: LeaseHolder | undefined;
  /** By the wall clock of the file system. */
  readonly writtenAtMs: number;
}

/** Whether a name in the directory has to do with its lease. */
export const isOfLease = (name: string): boolean => name.startsWith('lease.');

/** Holds the path of the directory that was there already, below which a run made the others. */
export const MADE = 'lease.made';

/** The paths of a lease on a directory. */
export const leaseFiles = (directory: string) => ({
  directory,
  lock: join(directory, 'lease.lock'),
  owner: join(directory, 'lease.owner.json'),
  ranks: join(directory, 'lease.ranks.jsonl'),
  /** The right to replace the record of a holder that is gone. */
  claimOn: ({ holder }: StandingRecord): string => join(directory, `lease.claim.${holder?.token ?? 'unreadable'}.json`),
  /** Whether a name in the directory is that of a claim, or of a record that is not yet in its place. */
  isOfContender: (name: string): boolean => /^lease\.(?:claim\.|owner\.json\.tmp-)/.test(name),
});

/** What {@link leaseFiles} gives. */
export type LeaseFiles = ReturnType<typeof leaseFiles>;

/** This process, under a new name. */
export const newHolder = (platform: Platform, runId: string): LeaseHolder => ({
  ...processIdentity(platform),
  runId,
  token: randomHex(16),
});

/** Undefined where there is none. */
export function readRecord(disk: Disk, path: string): StandingRecord | undefined {
  const text = disk.readTextIfAny(path);
  return text === undefined ? undefined : { text, holder: parseJson(text, isHolder), writtenAtMs: disk.changedAtMs(path) ?? 0 };
}

/** Puts a record in its place, whole and in one step; false when one stands there. */
export const placeRecord = (disk: Disk, path: string, holder: LeaseHolder): boolean =>
  withAside(disk, path, holder, (aside) => disk.linkIfFree(aside, path));

/** Puts a record over the one that stands there, whole and in one step. */
export const replaceRecord = (disk: Disk, path: string, holder: LeaseHolder): void =>
  withAside(disk, path, holder, (aside) => disk.rename(aside, path));

function withAside<T>(disk: Disk, path: string, holder: LeaseHolder, work: (aside: string) => T): T {
  const aside = `${path}.tmp-${holder.token}`;
  try {
    disk.write(aside, JSON.stringify(holder));
    return work(aside);
  } finally {
    disk.removeFile(aside);
  }
}

/** Parts of file names: nothing in them may lead elsewhere. */
const isName = (value: unknown): boolean => typeof value === 'string' && /^[\w-]+$/.test(value);

const isHolder = (read: unknown): read is LeaseHolder =>
  isJsonObject(read) &&
  typeof read['pid'] === 'number' &&
  typeof read['host'] === 'string' &&
  isName(read['token']) &&
  (read['runId'] === undefined || isName(read['runId']));

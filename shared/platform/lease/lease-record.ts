import { dirname, join } from 'node:path';
import { isJsonObject, parseJson } from '../../contracts/json.ts';
import { codeOf, type Disk } from '../disk.ts';
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

/** What is not yet in its place has the name of its place and more. */
const ASIDE = '.tmp';

/** How often a file is written that others take for left behind. */
const TRIES = 5;

/** The paths of a lease on a directory. */
export const leaseFiles = (directory: string) => ({
  directory,
  lock: join(directory, 'lease.lock'),
  owner: join(directory, 'lease.owner.json'),
  ranks: join(directory, 'lease.ranks.jsonl'),
  /** The right to replace the record of a holder that is gone. */
  claimOn: ({ holder }: StandingRecord): string => join(directory, `lease.claim.${holder?.token ?? 'unreadable'}.json`),
  /** Whether a name in the directory is that of a claim, or of what is not yet in its place. */
  isOfContender: (name: string): boolean => isOfLease(name) && (name.startsWith('lease.claim.') || name.includes(ASIDE)),
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
  placeWhole(disk, path, JSON.stringify(holder), (aside) => disk.linkIfFree(aside, path));

/** Puts a record over the one that stands there, whole and in one step. */
export const replaceRecord = (disk: Disk, path: string, holder: LeaseHolder): void =>
  placeWhole(disk, path, JSON.stringify(holder), (aside) => disk.rename(aside, path));

/** Writes a file beside its place, under a name that only we use, and puts it there: whole or not at all. */
export function placeWhole<T>(disk: Disk, path: string, content: string, place: (aside: string) => T): T {
  const aside = `${path}${ASIDE}-${randomHex(16)}`;
  for (let tries = 1; ; tries += 1) {
    try {
      disk.write(aside, content);
      return place(aside);
    } catch (thrown) {
      // What does not say whose it is, as it is half written, goes at any time: see removeLeftBehind.
      if (codeOf(thrown) !== 'ENOENT' || disk.kindOf(dirname(path)) === 'nothing' || tries === TRIES) throw thrown;
    } finally {
      disk.removeFile(aside);
    }
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

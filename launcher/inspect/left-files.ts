import { basename, dirname } from 'node:path';
import { isSerializedError } from '../../shared/contracts/errors.ts';
import { type JournalEvent, startIn } from '../../shared/contracts/journal.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/contracts/json.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { codeOf, type Disk } from '../../shared/platform/disk.ts';
import { readJournal } from '../../shared/platform/journal-file.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { namesIn } from './run-location.ts';

/** What a run has left in its directory so far, of whatever version and however damaged. */
export interface LeftFiles {
  readonly runId: string;
  readonly attempt: string;
  readonly worldSize: number;
  /** `plan.json`, as it is; null where it cannot be read. */
  readonly plan: JsonObject | null;
  /** `report.json`; null where there is none that can be read. */
  readonly report: RunReport | null;
  /** Each rank's journal, in rank order: the events whose fields are those that this version knows. */
  readonly history: readonly (readonly JournalEvent[])[];
  /** What could not be read, a sentence each. */
  readonly notRead: readonly string[];
}

/** More ranks than any run has. */
const MOST_RANKS = 4096;

/** Reads them; never throws. */
export function readLeftFiles(disk: Disk, run: RunDirectory): LeftFiles {
  const plan = readFormatted(disk, run.plan, 'ckpt-run-plan', isJsonObject);
  const report = readFormatted(disk, run.report, 'ckpt-run-report', isReport);
  const worldSize = worldSizeIn(plan.value) ?? worldSizeFrom(disk, run);
  const journals = Array.from({ length: worldSize }, (_, rank) => readKnown(disk, run.journal(rank)));
  return {
    runId: basename(dirname(run.path)),
    attempt: basename(run.path).replace(/^attempt_/, ''),
    worldSize,
    plan: plan.value,
    report: report.value,
    history: journals.map(({ events }) => events),
    notRead: [
      ...(plan.value !== null && worldSizeIn(plan.value) === undefined ? ['plan.json: no worldSize in it'] : []),
      ...plan.notRead,
      ...report.notRead.filter((why) => !why.endsWith(MISSING)),
      ...ofRanks(journals, ({ isTorn }) => isTorn, 'the last line of the journal is torn'),
      ...ofRanks(journals, ({ unreadable }) => unreadable > 0, 'lines of the journal are no event'),
      ...ofRanks(journals, ({ unknown }) => unknown > 0, 'events of the journal lack fields that this version knows'),
      ...ofRanks(journals, ({ isDenied }) => isDenied, 'the journal cannot be opened'),
    ],
  };
}

const MISSING = 'is missing';

interface Formatted<T> {
  readonly value: T | null;
  readonly notRead: readonly string[];
}

/** A file of JSON that says what it is, and of which version. */
function readFormatted<T extends object>(
  disk: Disk,
  path: string,
  format: string,
  accepts: (value: unknown) => value is T,
): Formatted<T> {
  const name = basename(path);
  const nothing = (why: string): Formatted<T> => ({ value: null, notRead: [`${name} ${why}`] });
  try {
    const text = disk.readTextIfAny(path);
    if (text === undefined) return nothing(MISSING);
    const says = parseJson(text, isJsonObject);
    if (says === undefined) return nothing('is no JSON object, or is torn');
    if (says['format'] !== format) return nothing(`does not say that it is a ${format}`);
    const value = parseJson(text, accepts);
    if (value === undefined) return nothing('lacks fields that this version knows');
    return {
      value,
      notRead: says['version'] === 1 ? [] : [`${name} is of version ${String(says['version'])}, read as version 1`],
    };
  } catch (thrown) {
    return nothing(`cannot be opened (${codeOf(thrown) ?? 'unknown error'})`);
  }
}

/** The fields that are used of it. */
const isReport = (value: unknown): value is RunReport =>
  isJsonObject(value) &&
  typeof value['status'] === 'string' &&
  typeof value['exitCode'] === 'number' &&
  (value['failure'] === null || isFailure(value['failure'])) &&
  (value['diagnosis'] == null || isDiagnosis(value['diagnosis'])) &&
  Array.isArray(value['ranks']) &&
  value['ranks'].every((rank) => isJsonObject(rank) && typeof rank['rank'] === 'number');

const isFailure = (value: unknown): boolean =>
  isJsonObject(value) &&
  (value['kind'] === 'interrupted' || isSerializedError(value['error'])) &&
  (value['kind'] !== 'hang' ||
    value['barrier'] === null ||
    (isJsonObject(value['barrier']) && Array.isArray(value['barrier']['arrivals'])));

function isDiagnosis(value: unknown): boolean {
  if (!isJsonObject(value) || !Array.isArray(value['states'])) return false;
  const { verdict, barrier } = value;
  const isBarrier = barrier === null || (isJsonObject(barrier) && Array.isArray(barrier['arrivals']));
  return isBarrier && isJsonObject(verdict) && ['evidence', 'whyNot'].every((field) => Array.isArray(verdict[field]));
}

function worldSizeIn(plan: JsonObject | null): number | undefined {
  const size = plan?.['worldSize'];
  return typeof size === 'number' && Number.isInteger(size) && size >= 1 && size <= MOST_RANKS ? size : undefined;
}

/** As many as left a journal, or were told of others. */
function worldSizeFrom(disk: Disk, run: RunDirectory): number {
  const ranks = namesIn(disk, run.journals).flatMap((name) => {
    const rank = /^rank-(\d{1,4})\.jsonl$/.exec(name)?.[1];
    return rank === undefined ? [] : [Number(rank)];
  });
  const told = ranks.slice(0, 1).flatMap((rank) => startIn(readKnown(disk, run.journal(rank)).events)?.worldSize ?? []);
  return Math.min(MOST_RANKS, Math.max(1, ...told, ...ranks.map((rank) => rank + 1)));
}

interface ReadJournal {
  readonly events: readonly JournalEvent[];
  readonly unreadable: number;
  readonly unknown: number;
  readonly isTorn: boolean;
  readonly isDenied: boolean;
}

function readKnown(disk: Disk, path: string): ReadJournal {
  try {
    const { events, unreadable, torn } = readJournal(disk, path);
    const known = events.filter(isKnown);
    return { events: known, unreadable, unknown: events.length - known.length, isTorn: torn, isDenied: false };
  } catch {
    return { events: [], unreadable: 0, unknown: 0, isTorn: false, isDenied: true };
  }
}

/** Whether an event has the fields that are read of its type. */
function isKnown(event: JournalEvent): boolean {
  const fields: unknown = event;
  if (!isJsonObject(fields)) return false;
  switch (event.type) {
    case 'rank:started':
      return typeof fields['host'] === 'string' && ['rank', 'worldSize', 'pid'].every((name) => typeof fields[name] === 'number');
    case 'barrier:arrived':
    case 'barrier:passed':
    case 'barrier:aborted':
      return typeof fields['sequence'] === 'number' && typeof fields['name'] === 'string';
    case 'fault:injected':
      return isJsonObject(fields['fault']);
    case 'rank:failed':
      return isSerializedError(fields['error']);
    default:
      return true;
  }
}

function ofRanks(journals: readonly ReadJournal[], fits: (journal: ReadJournal) => boolean, what: string): readonly string[] {
  const ranks = journals.flatMap((journal, rank) => (fits(journal) ? [rank] : []));
  return ranks.length === 0 ? [] : [`${formatRanks(ranks)}: ${what}`];
}

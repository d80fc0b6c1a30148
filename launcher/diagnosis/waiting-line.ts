import type { BarrierKey } from '../../shared/contracts/barrier.ts';
import { isSeen } from '../../shared/contracts/diagnosis.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import { spellBarrier, spellMs } from '../../shared/policy/diagnosis/clauses.ts';
import { bytesBetween, cpuPercent, type ProgressEvidence, progressOf } from '../../shared/policy/diagnosis/process-evidence.ts';
import { cropped } from './line-width.ts';

/** A rank for which others wait, and what was seen of it since they were told of it last. */
export interface AwaitedRank extends ProgressEvidence {
  readonly rank: number;
  /** The last in its journal; null where it names none. */
  readonly step: number | null;
}

/** A barrier at which ranks wait. */
export interface Wait {
  readonly barrier: BarrierKey;
  readonly waitedMs: number;
  /** In rank order. */
  readonly missing: readonly AwaitedRank[];
}

/** The parts of a time-out at which it is said that it runs. */
const PARTS = [0.25, 0.5, 0.75] as const;

/** The last moment of a wait, so far, at which something is to be said of it; 0 before the first. Milliseconds. */
export const lastMark = (waitedMs: number, quietMs: number, hardMs: number): number =>
  Math.max(0, ...marksOf(quietMs, hardMs).filter((mark) => mark <= waitedMs));

/** The next such moment; Infinity behind the last. */
export const nextMark = (waitedMs: number, quietMs: number, hardMs: number): number =>
  Math.min(Number.POSITIVE_INFINITY, ...marksOf(quietMs, hardMs).filter((mark) => mark > waitedMs));

/** A wait that has lasted so long, and twice as long, and so on, is worth a word where no part of a time-out is near. */
const DOUBLING = Array.from({ length: 24 }, (_, times) => 60_000 * 2 ** times);

/** Of the time-out, which may be Infinity, and where ranks get on, of the hard one. */
const marksOf = (quietMs: number, hardMs: number): readonly number[] => [
  ...DOUBLING.filter((mark) => mark <= (PARTS[0] * quietMs) / 2),
  ...PARTS.map((part) => part * quietMs),
  ...PARTS.map((part) => part * hardMs).filter((mark) => mark > quietMs),
];

/** As long as a line of a log may be. */
const LONGEST = 260;

/** For whom a barrier waits, how long already, and whether they get on. */
export function waitingLine({ barrier, waitedMs, missing }: Wait): string {
  const who = cropped(formatRanks(missing.map(({ rank }) => rank)), 60);
  const [only] = missing;
  const how = only !== undefined && missing.length === 1 ? `${verbOf(only, true)}${details(only)}` : groups(missing);
  return cropped(`waiting ${spellMs(waitedMs)} at ${cropped(spellBarrier(barrier), 120)} for ${who} (${how})`, LONGEST);
}

/** Undefined where nobody can tell. */
const getsOn = (rank: AwaitedRank): boolean | undefined => progressOf(rank)?.moved;

function verbOf(rank: AwaitedRank, isOne: boolean): string {
  switch (getsOn(rank)) {
    case undefined:
      return 'not seen';
    case true:
      return isOne ? 'gets on' : 'get on';
    case false:
      return isOne ? 'does not get on' : 'do not get on';
  }
}

/** Those that do the same together; details of one that is alone in that. */
function groups(missing: readonly AwaitedRank[]): string {
  const together = [true, false, undefined].map((moved) => missing.filter((rank) => getsOn(rank) === moved));
  return together
    .flatMap((ranks) => {
      const [first] = ranks;
      if (first === undefined) return [];
      const isOne = ranks.length === 1;
      return `${cropped(formatRanks(ranks.map(({ rank }) => rank)), 40)} ${verbOf(first, isOne)}${isOne ? details(first) : ''}`;
    })
    .join('; ');
}

/** Bytes a second: every rank that lives writes some. */
const WORTH_TELLING = 10_000;

function details(rank: AwaitedRank): string {
  const { processes, lastRecord, step } = rank;
  if (!isSeen(processes)) return ` (${processes.notSeen})`;
  const { writtenBytes, bytesPerSecond } = transferOf(rank);
  const isSlow = getsOn(rank) !== true;
  const cpu = cpuPercent(rank);
  const said = [
    ...(isSlow || step === null ? [] : [`step ${step}`]),
    ...(isSlow ? [lastRecord === null ? 'no record at all' : `no record for ${spellMs(lastRecord.agoMs)}`] : []),
    ...(isSlow || writtenBytes === null ? [] : [`${spellBytes(writtenBytes)} written`]),
    ...(isSlow || bytesPerSecond === null || bytesPerSecond < WORTH_TELLING ? [] : [`${spellBytes(bytesPerSecond)}/s`]),
    ...(cpu === undefined ? [] : [`${cpu} % CPU`]),
  ];
  return said.length === 0 ? '' : `: ${said.join(', ')}`;
}

/** All that it has written so far, and how fast it reads and writes now. */
function transferOf({ processes }: AwaitedRank): {
  readonly writtenBytes: number | null;
  readonly bytesPerSecond: number | null;
} {
  const [first, last] = isSeen(processes) ? [processes.at(0), processes.at(-1)] : [];
  if (first === undefined || last === undefined) return { writtenBytes: null, bytesPerSecond: null };
  const bytes = bytesBetween(first, last);
  const seconds = (last.atMs - first.atMs) / 1000;
  return { writtenBytes: last.writtenBytes, bytesPerSecond: bytes === null || seconds <= 0 ? null : bytes / seconds };
}

function spellBytes(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, 'KB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${size < 10 ? Math.round(size * 10) / 10 : Math.round(size)} ${unit}`;
}

/** So many ranks are told of in a JSON line. */
const TOLD = 16;

/** The same as data, of the first ranks. */
export const waitingFields = ({ barrier, waitedMs, missing }: Wait): Readonly<Record<string, unknown>> => ({
  barrier,
  waitedMs: Math.round(waitedMs),
  missing: missing.map(({ rank }) => rank),
  progress: missing.slice(0, TOLD).map((awaited) => {
    const { rank, step, lastRecord } = awaited;
    const { writtenBytes, bytesPerSecond } = transferOf(awaited);
    return {
      rank,
      getsOn: getsOn(awaited) ?? null,
      step,
      lastRecordAgoMs: lastRecord === null ? null : Math.round(lastRecord.agoMs),
      writtenBytes,
      bytesPerSecond: bytesPerSecond === null ? null : Math.round(bytesPerSecond),
      cpuPercent: cpuPercent(awaited) ?? null,
    };
  }),
});

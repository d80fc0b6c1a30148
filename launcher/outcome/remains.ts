import { join } from 'node:path';
import type { Decision } from '../../shared/contracts/barrier.ts';
import { isSerializedError, type SerializedError } from '../../shared/contracts/errors.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';
import { isJsonObject } from '../../shared/contracts/json.ts';
import type { RankOutcome } from '../../shared/contracts/run-report.ts';
import type { Verdict } from '../../shared/contracts/verdict.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { lastEvent, readJournal } from '../../shared/platform/journal-file.ts';
import { escapeControl } from '../../shared/platform/output.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import type { HostOutcome } from '../group/rank-group.ts';

/** What ranks left in the run directory, read after they have ended. */
export interface Remains {
  /** Each rank's journal, in rank order. */
  readonly history: readonly (readonly JournalEvent[])[];
  readonly decisions: readonly Decision[];
  readonly verdicts: readonly Verdict[];
  outcomeOf(host: HostOutcome, startedAtMs: number): RankOutcome;
  /** The last lines of a rank's standard error, made safe to print. */
  readonly stderrTail: (rank: number) => readonly string[];
}

const TAIL_LINES = 10;

/**
 * Reads what an attempt left; what is damaged, or cannot be read, says nothing. What only a failed run needs is read when it is
 * asked for.
 */
export function readRemains({ disk, clock }: Platform, run: RunDirectory, worldSize: number): Remains {
  const journalOf = (rank: number): readonly JournalEvent[] => legible(() => readJournal(disk, run.journal(rank)).events);
  return {
    get history() {
      return Array.from({ length: worldSize }, (_, rank) => journalOf(rank));
    },
    get decisions() {
      return readDecisions(disk, run);
    },
    get verdicts() {
      return journalOf(0).flatMap((event) =>
        event.type === 'verdict:reached' && isJsonObject(event.verdict) ? [event.verdict] : [],
      );
    },
    outcomeOf: ({ host, exitCode, signal, startError, wasStopped, exitedAtMs, isAlive = false }, startedAtMs) => {
      const finished = reachedEnd({ disk }, run, host.rank);
      const failed = finished ? undefined : failureIn(journalOf(host.rank));
      return {
        rank: host.rank,
        pid: host.pid,
        exitCode,
        signal,
        reachedEnd: finished,
        endedByLauncher: wasStopped && !finished && !isAlive,
        exitedAfterMs: isAlive ? null : Math.round(exitedAtMs - (startedAtMs - clock.nowMs() + clock.monotonicMs())),
        error: failed ?? (startError === null ? null : notStarted(host.rank, startError.message)),
      };
    },
    stderrTail: (rank) => {
      const read = (): readonly string[] => [disk.readTextIfAny(run.stderr(rank)) ?? ''];
      const lines = legible(read).flatMap((text) => escapeControl(text).trimEnd().split('\n'));
      return telling(lines, TAIL_LINES).filter((line) => line !== '');
    },
  };
}

/** What a stack is made of: of JavaScript, or of V8 when it ends a process, with what Node says above that. */
const FRAME = /^\s+at |^\s*\d+: 0x|^-+ Native stack trace -+$|^Writing Node\.js report to file|^Node\.js report completed$/;
const MESSAGE_LINES = 3;

/** The last lines; where they are the end of a stack that is longer, the lines of its error go first. */
export function telling(lines: readonly string[], most: number): readonly string[] {
  const tail = lines.slice(-most);
  const isFrame = (index: number): boolean => FRAME.test(lines[index] ?? '');
  const isBlank = (index: number): boolean => (lines[index] ?? '').trim() === '';
  let end = lines.findLastIndex((_, index) => isFrame(index));
  if (end < lines.length - most) return tail;
  while (end >= 0 && (isFrame(end) || isBlank(end))) end -= 1;
  if (end < 0 || end >= lines.length - most) return tail;
  let start = end;
  while (start > 0 && end - start + 1 < MESSAGE_LINES && !isBlank(start - 1) && !isFrame(start - 1)) start -= 1;
  const message = lines.slice(start, end + 1);
  return [...message, ...tail.slice(message.length)];
}

/** The outcomes of barriers that are still on disk. */
export function readDecisions(disk: Disk, run: RunDirectory): readonly Decision[] {
  const read = (name: string): readonly unknown[] => [JSON.parse(disk.readText(join(run.decisions, name)))];
  return legible(() => disk.list(run.decisions))
    .flatMap((name) => legible(() => read(name)))
    .filter(isDecision);
}

/** Whether a rank's journal says that it reached its end. */
export function reachedEnd({ disk }: Pick<Platform, 'disk'>, run: RunDirectory, rank: number): boolean {
  return legible(() => [lastEvent(disk, run.journal(rank))]).some((event) => event?.type === 'rank:finished');
}

function legible<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** Why a rank gave up, in its own words. */
export const failureIn = (journal: readonly JournalEvent[]): SerializedError | undefined =>
  journal.flatMap((event) => (event.type === 'rank:failed' && isSerializedError(event.error) ? [event.error] : []))[0];

const isDecision = (read: unknown): read is Decision =>
  isJsonObject(read) &&
  (read['outcome'] === 'open' ||
    (read['outcome'] === 'abort' && ['arrived', 'missing', 'arrivals'].every((field) => Array.isArray(read[field]))));

const notStarted = (rank: number, why: string): SerializedError => ({
  code: 'CKPT_RANK_FAILED',
  message: `rank ${rank} could not be started: ${why}`,
  hint: 'Start fewer ranks, or raise the limits on processes (ulimit -u) and open files (ulimit -n).',
  evidence: null,
  stack: null,
});

import { join } from 'node:path';
import type { Decision } from '../../shared/contracts/barrier.ts';
import type { SerializedError } from '../../shared/contracts/errors.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';
import type { RankOutcome } from '../../shared/contracts/run-report.ts';
import type { Verdict } from '../../shared/contracts/verdict.ts';
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

/** Reads what an attempt left. What only a failed run needs is read when it is asked for. */
export function readRemains({ disk, clock }: Platform, run: RunDirectory, worldSize: number): Remains {
  const journalOf = (rank: number): readonly JournalEvent[] => readJournal(disk, run.journal(rank)).events;
  return {
    get history() {
      return Array.from({ length: worldSize }, (_, rank) => journalOf(rank));
    },
    get decisions() {
      const directory = join(run.barriers, 'decisions');
      return disk.list(directory).map((name): Decision => JSON.parse(disk.readText(join(directory, name))));
    },
    get verdicts() {
      return journalOf(0).flatMap((event) => (event.type === 'verdict:reached' ? [event.verdict] : []));
    },
    outcomeOf: ({ host, exitCode, signal, startError, wasStopped, exitedAtMs }, startedAtMs) => {
      const finished = reachedEnd({ disk }, run, host.rank);
      const failed = finished ? undefined : journalOf(host.rank).find((event) => event.type === 'rank:failed');
      return {
        rank: host.rank,
        pid: host.pid,
        exitCode,
        signal,
        reachedEnd: finished,
        endedByLauncher: wasStopped && !finished,
        exitedAfterMs: Math.round(exitedAtMs - (startedAtMs - clock.nowMs() + clock.monotonicMs())),
        error: failed?.error ?? (startError === null ? null : notStarted(host.rank, startError.message)),
      };
    },
    stderrTail: (rank) => {
      const text = disk.readTextIfAny(join(run.logs(rank), 'stderr.log')) ?? '';
      const lines = escapeControl(text).trimEnd().split('\n').slice(-TAIL_LINES);
      return lines.filter((line) => line !== '');
    },
  };
}

/** Whether a rank's journal says that it reached its end. */
export function reachedEnd({ disk }: Pick<Platform, 'disk'>, run: RunDirectory, rank: number): boolean {
  return lastEvent(disk, run.journal(rank))?.type === 'rank:finished';
}

const notStarted = (rank: number, why: string): SerializedError => ({
  code: 'CKPT_RANK_FAILED',
  message: `rank ${rank} could not be started: ${why}`,
  hint: 'Start fewer ranks, or raise the limits on processes (ulimit -u) and open files (ulimit -n).',
  evidence: null,
  stack: null,
});

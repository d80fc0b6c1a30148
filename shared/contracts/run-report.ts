import type { AbortRecord } from './barrier.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { SerializedError } from './errors.ts';
import type { ProgramHang } from './program-hang.ts';
import type { Status, Verdict } from './verdict.ts';

/** How one rank ended. */
export interface RankOutcome {
  readonly rank: number;
  readonly pid: number | null;
  /** Null when a signal ended it or it never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whether its journal says that it reached the end. */
  readonly reachedEnd: boolean;
  /** True when the launcher ended it because of another rank, a time-out or an interrupt. */
  readonly endedByLauncher: boolean;
  /** Milliseconds from the start of the run to the rank's exit. */
  readonly exitedAfterMs: number | null;
  readonly error: SerializedError | null;
}

/** The signals by which a run is ended from outside; SIGQUIT when it comes twice. */
export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT';

/** Why a run did not reach its verdict, where this launcher or one of its ranks was the cause. */
export type FailureOfNode =
  /** `barrier` is null where none was given up: no rank got on, and none that waited could say so. */
  | { readonly kind: 'hang'; readonly error: SerializedError; readonly barrier: AbortRecord | null }
  | { readonly kind: 'rank-ended-early'; readonly error: SerializedError; readonly rank: number }
  | { readonly kind: 'rank-failed'; readonly error: SerializedError; readonly rank: number }
  | { readonly kind: 'rank-killed'; readonly error: SerializedError; readonly rank: number; readonly signal: string }
  | { readonly kind: 'launcher-failed'; readonly error: SerializedError }
  | { readonly kind: 'timeout'; readonly error: SerializedError }
  | { readonly kind: 'lease-lost'; readonly error: SerializedError }
  | { readonly kind: 'interrupted'; readonly signal: EndingSignal };

/** Why a run did not reach its verdict. */
export type RunFailure =
  | FailureOfNode
  | {
      readonly kind: 'node-failed';
      readonly error: SerializedError;
      readonly node: number;
      readonly cause: FailureOfNode['kind'];
      readonly exitCode: number;
    };

/** The machine-readable report of a run; docs/report.schema.json describes it. */
export interface RunReport {
  readonly format: 'ckpt-run-report';
  readonly version: 1;
  /** The version of ckpt-run. */
  readonly ckptRun: string;
  readonly runId: string;
  readonly attempt: number;
  readonly worldSize: number;
  readonly status: Status;
  readonly exitCode: number;
  /** Wall clock, ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outputDir: string;
  /** The attempt's directory when it, or a part of it, is still there, else null. */
  readonly runDirectory: string | null;
  readonly verdicts: readonly Verdict[];
  readonly failure: RunFailure | null;
  /** What is known of the barrier that did not open, or of the rank that ended by itself, if that ended the run. */
  readonly diagnosis: Diagnosis | null;
  /** What was seen of a program in which nothing moved, if that ended the run. */
  readonly hang?: ProgramHang;
  readonly ranks: readonly RankOutcome[];
  /** What each worker found of the directory that they share, in rank order; only where an engine started the ranks. */
  readonly workers?: readonly WorkerReport[];
}

/** What a worker found when it joined. */
export interface WorkerReport {
  readonly rank: number;
  readonly host: string;
  /** As statfs(2) calls it: `ext`, `nfs`, `fuse`, …, or a hexadecimal number. */
  readonly fileSystem: string;
  /** How far the clock of its host is ahead of that of the file system; negative for behind. */
  readonly clockSkewMs: number;
}

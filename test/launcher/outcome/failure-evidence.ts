import type { FailureEvidence } from '../../../launcher/outcome/failure.ts';
import type { AbortedBarrier } from '../../../shared/contracts/barrier.ts';
import type { ErrorCode, SerializedError } from '../../../shared/contracts/errors.ts';
import type { RankOutcome } from '../../../shared/contracts/run-report.ts';

/** How a rank ended: by the launcher, unless it is said otherwise. */
export const outcome = (rank: number, rest: Partial<RankOutcome> = {}): RankOutcome => ({
  ...{ rank, pid: 100 + rank, exitCode: null, signal: 'SIGTERM', reachedEnd: false },
  ...{ endedByLauncher: true, exitedAfterMs: 5, error: null },
  ...rest,
});

/** What a rank says went wrong. */
export const error = (code: ErrorCode, rest: Partial<SerializedError> = {}): SerializedError => ({
  ...{ code, message: `it went wrong: ${code}`, hint: 'Do better.', evidence: null, stack: null },
  ...rest,
});

/** A barrier of two ranks that was given up because the second did not come. */
export const aborted = (rest: Partial<AbortedBarrier> = {}): AbortedBarrier => ({
  ...{ outcome: 'abort', reason: 'timeout', sequence: 7, name: 'mine/save@50:written', decidedBy: 0 },
  ...{ arrived: [0], missing: [1], timeoutMs: 2000, arrivals: [] },
  ...rest,
});

/** The evidence of two ranks of which the second was the first to end. */
export const evidence = (rank1: Partial<RankOutcome>, rest: Partial<FailureEvidence> = {}): FailureEvidence => ({
  reason: { kind: 'rank-failed', rank: 1 },
  ranks: [outcome(0), outcome(1, { endedByLauncher: false, ...rank1 })],
  history: [[], []],
  decisions: [],
  timeoutMs: undefined,
  ...rest,
});

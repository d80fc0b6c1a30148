import { type AbortedBarrier, abortedIn, type Decision, recordOf } from '../../shared/contracts/barrier.ts';
import type { ErrorCode, SerializedError } from '../../shared/contracts/errors.ts';
import { type JournalEvent, leavingIn } from '../../shared/contracts/journal.ts';
import { isJsonObject } from '../../shared/contracts/json.ts';
import type { ProgramHang } from '../../shared/contracts/program-hang.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { FailureOfNode, RankOutcome, RunFailure } from '../../shared/contracts/run-report.ts';
import { LEASE_LOST_HINT } from '../../shared/platform/lease/lease-error.ts';
import { spellBarrier, spellLeaving } from '../../shared/policy/diagnosis/clauses.ts';
import type { Stall, StopReason } from '../group/rank-group.ts';
import { hangMessage } from '../program/program-hang-lines.ts';
import { nodeFailed } from './root-cause.ts';

/** What is known about a run that did not end well. */
export interface FailureEvidence {
  readonly reason: StopReason;
  /** In rank order. */
  readonly ranks: readonly RankOutcome[];
  /** Each rank's journal, in rank order. */
  readonly history: readonly (readonly JournalEvent[])[];
  /** The outcome of every barrier that is still on disk. */
  readonly decisions: readonly Decision[];
  readonly timeoutMs: number | undefined;
}

/** Names the root cause: the first rank that failed by itself, or the barrier that was given up. Pure. */
export function failureOf(evidence: FailureEvidence): RunFailure {
  const { reason } = evidence;
  switch (reason.kind) {
    case 'interrupted':
      return { kind: 'interrupted', signal: reason.signal };
    case 'bug':
      return { kind: 'launcher-failed', error: reason.error };
    case 'timeout':
      return { kind: 'timeout', error: runTimeout(evidence) };
    case 'stalled':
      return stalled(reason, evidence.ranks);
    case 'hung':
      return hung(reason.hang);
    case 'lease-lost':
      return {
        kind: 'lease-lost',
        error: plain('CKPT_LEASE_LOST', 'the lease on the output directory was lost', LEASE_LOST_HINT),
      };
    case 'node-failed':
      return nodeFailed(reason.failure);
    case 'rank-failed':
    case 'rank-ended-early':
      return rankFailure(evidence, reason.rank);
  }
}

function rankFailure(evidence: FailureEvidence, rank: number): RunFailure {
  const aborted = abortedIn(evidence.decisions);
  const outcome = evidence.ranks[rank];
  const error = outcome?.error ?? null;
  if (aborted !== undefined && (error === null || error.code.startsWith('CKPT_BARRIER_'))) return hang(evidence, aborted, error);
  if (error !== null) return { kind: 'rank-failed', rank: culpritOf(error) ?? rank, error };
  if (outcome?.signal != null)
    return { kind: 'rank-killed', rank, signal: outcome.signal, error: killed(evidence, rank, outcome.signal) };
  const code = outcome?.exitCode ?? null;
  return endedSilently(code)
    ? { kind: 'rank-ended-early', rank, error: endedEarly(evidence, rank, code) }
    : { kind: 'rank-failed', rank, error: exited(evidence, rank, code) };
}

/** A rank that ended with 0, or with Node's 13 (nothing left to wait for), says that all was well. */
const endedSilently = (code: number | null): boolean => code === 0 || code === 13;

function hang({ ranks }: FailureEvidence, barrier: AbortedBarrier, error: SerializedError | null): RunFailure {
  const known = error ?? ranks.map((outcome) => outcome.error).find((each) => each?.code.startsWith('CKPT_BARRIER_'));
  const code = barrier.reason === 'timeout' ? 'CKPT_BARRIER_TIMEOUT' : 'CKPT_BARRIER_MISMATCH';
  return {
    kind: 'hang',
    barrier: { ...barrier, arrivals: barrier.arrivals.map(recordOf) },
    error:
      known ??
      plain(code, `barrier #${barrier.sequence} "${barrier.name}" was given up`, 'Check that all ranks hit all barriers.'),
  };
}

/** The rank whose failure was carried to a barrier. */
function culpritOf({ evidence }: SerializedError): number | undefined {
  const rank = isJsonObject(evidence) ? evidence['rank'] : undefined;
  return typeof rank === 'number' ? rank : undefined;
}

const killed = (evidence: FailureEvidence, rank: number, signal: string): SerializedError =>
  plain(
    'CKPT_RANK_KILLED',
    `rank ${rank} was killed by ${signal} ${whereabouts(evidence, rank)}`,
    signal === 'SIGKILL'
      ? 'Look for the out-of-memory killer in the system log, or for who sent the signal.'
      : 'Look for who sent the signal.',
  );

function endedEarly(evidence: FailureEvidence, rank: number, code: number | null): SerializedError {
  const leaving = leavingIn(evidence.history[rank] ?? []);
  const why = leaving === undefined ? '' : `: ${spellLeaving(leaving)}`;
  return plain(
    'CKPT_RANK_ENDED_EARLY',
    `rank ${rank} ended with exit code ${code} before its end, ${whereabouts(evidence, rank)}${why}`,
    LEAVING_HINTS[leaving?.why ?? 'unknown'],
  );
}

const LEAVING_HINTS = {
  'exit-called': 'Find the process.exit there, and throw instead.',
  'nothing-left': 'Look there for an await of a promise that nobody settles.',
  unknown: 'Look for an early return, a process.exit or an await that never settles.',
} as const;

const exited = (evidence: FailureEvidence, rank: number, code: number | null): SerializedError =>
  plain(
    'CKPT_RANK_FAILED',
    `rank ${rank} ${code === null ? 'ended without a word' : `exited with code ${code}`} ${whereabouts(evidence, rank)}`,
    "Read the rank's stderr.log in the run directory.",
  );

function runTimeout({ history, timeoutMs, ranks }: FailureEvidence): SerializedError {
  const where = ranks
    .map(({ rank }) => `rank ${rank} ${whereabouts({ history }, rank)}`)
    .slice(0, 8)
    .join('; ');
  return plain(
    'CKPT_RUN_TIMEOUT',
    `the run took longer than --timeout ${(timeoutMs ?? 0) / 1000} s: ${where}`,
    'Allow more time, or look at what the ranks were doing.',
  );
}

/** A run in which no rank got on; `ranks` in that moment, as far as they are known. */
export function stalled({ without, forMs, barrier }: Stall, ranks: readonly RankOutcome[] = []): FailureOfNode {
  const left = ranks.filter(({ exitedAfterMs }) => exitedAfterMs === null).map(({ rank }) => rank);
  const isOver = left.length > 0 && ranks.every(({ reachedEnd }) => reachedEnd);
  const whose = `every rank has finished its work, but ${formatRanks(left)} ${left.length === 1 ? 'does' : 'do'} not end`;
  const what = without === 'progress' ? 'no rank has got on' : 'no rank has written a record';
  const why = without === 'record' ? ', the hard time-out (extended while ranks were busy)' : '';
  const where = barrier === null ? 'none waits at a barrier' : `${spellBarrier(barrier)} was not given up either`;
  const since = `${what} for ${Math.round(forMs / 100) / 10} s${why}`;
  const message = isOver ? `${whose}: ${since}` : `${since}, and ${where}`;
  const error = plain('CKPT_RUN_STALLED', message, 'Read the verdict, and what the ranks were doing.');
  return { kind: 'hang', barrier: null, error };
}

/** A program in which nothing moves. */
export const hung = (hang: ProgramHang): FailureOfNode => ({
  kind: 'hang',
  barrier: null,
  error: plain('CKPT_RUN_STALLED', hangMessage(hang), hang.verdict.hint),
});

/** What a rank's journal says last, in words. */
function whereabouts({ history }: Pick<FailureEvidence, 'history'>, rank: number): string {
  const last = history[rank]?.findLast((event) => event.type.startsWith('barrier:'));
  if (last === undefined || !('sequence' in last)) return 'before its first barrier';
  return `${last.type === 'barrier:arrived' ? 'at' : 'after'} barrier #${last.sequence} "${last.name}"`;
}

const plain = (code: ErrorCode, message: string, hint: string): SerializedError => ({
  code,
  message,
  hint,
  evidence: null,
  stack: null,
});

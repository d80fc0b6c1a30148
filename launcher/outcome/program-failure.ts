import { type AbortedBarrier, recordOf } from '../../shared/contracts/barrier.ts';
import type { ErrorCode, SerializedError } from '../../shared/contracts/errors.ts';
import { EXIT_CODES } from '../../shared/contracts/exit-code.ts';
import type { Json, JsonObject } from '../../shared/contracts/json.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { RunFailure } from '../../shared/contracts/run-report.ts';
import { barrierAborted } from '../../shared/platform/barrier/barrier-error.ts';
import type { HostOutcome, StopReason } from '../group/rank-group.ts';
import type { Blame, LastWords } from './blame.ts';
import { hung, stalled } from './failure.ts';
import { type EndOfRank, wasCutShort } from './program-exit-code.ts';
import { nodeFailed } from './root-cause.ts';

/** What is known about a run of a program that did not end well. */
export interface ProgramEvidence {
  readonly reason: StopReason;
  /** Undefined when no rank failed first. */
  readonly blame: Blame | undefined;
  /** The barrier that was given up, if that is why they failed. */
  readonly aborted?: AbortedBarrier | undefined;
  /** What the first failed rank said in its error file. */
  readonly message: string | undefined;
  /** Where its logs are. */
  readonly logs: string | undefined;
  /** From the start of its attempt to the end of the first failed rank. */
  readonly lastedMs: number;
  /** Processes that the kernel killed for want of memory during the run. */
  readonly oomKills: number;
  readonly timeoutMs: number | undefined;
}

/** Names what ended a run of a program. Pure. */
export function programFailure(evidence: ProgramEvidence): RunFailure {
  const { reason, blame, aborted, timeoutMs = 0 } = evidence;
  if (aborted !== undefined) return hang(aborted);
  switch (reason.kind) {
    case 'rank-failed':
      return rankFailure(evidence, blame?.first.host.rank ?? reason.rank, blame);
    case 'rank-ended-early':
      return { kind: 'rank-ended-early', rank: reason.rank, error: endedEarly(reason, evidence) };
    case 'node-failed':
      return nodeFailed(reason.failure);
    case 'interrupted':
      return { kind: 'interrupted', signal: reason.signal };
    case 'bug':
      return { kind: 'launcher-failed', error: reason.error };
    case 'lease-lost': {
      const hint = 'Check whether somebody removed files there, or whether this machine was suspended.';
      return { kind: 'lease-lost', error: plain('CKPT_LEASE_LOST', 'the lease on the output directory was lost', hint) };
    }
    case 'stalled':
      return stalled(reason);
    case 'hung':
      return hung(reason.hang);
    case 'timeout': {
      const message = `the run took longer than --timeout ${timeoutMs / 1000} s`;
      return { kind: 'timeout', error: plain('CKPT_RUN_TIMEOUT', message, 'Allow more time, or look at what ranks were doing.') };
    }
  }
}

/** What only a failure of its own makes a rank say after it has been told of a barrier. */
const OWN_FAILURE = /^Traceback \(most recent call last\):|^\s*(?!CkptError|ckpt_run\.CkptError)[\w.]*(?:Error|Exception)\b/;

/**
 * Whether a rank failed because a barrier was given up to which it had come: it ends as `ckpt-run barrier` does, or by what the
 * barrier threw. One that goes on after that fails of its own.
 */
export function failedOfBarrier(
  { sequence, name, arrived }: AbortedBarrier,
  { host, exitCode }: HostOutcome,
  { stderr, message = '' }: LastWords,
): boolean {
  if (!arrived.includes(host.rank)) return false;
  if (exitCode === EXIT_CODES.hang) return true;
  const lines = [...stderr, ...message.split('\n')];
  const told = lines.findLastIndex((line) => line.includes(`barrier #${sequence} ${JSON.stringify(name)}`));
  return exitCode === EXIT_CODES.failed && told !== -1 && !lines.slice(told + 1).some((line) => OWN_FAILURE.test(line));
}

/** Says what the ranks themselves were told. */
function hang(aborted: AbortedBarrier): RunFailure {
  const { sequence, name, missing, arrivals } = aborted;
  const { code, message, hint } = barrierAborted(aborted);
  const error = plain(code, `HANG: ${message}`, hint, { barrier: { sequence, name }, missing: [...missing] });
  return { kind: 'hang', barrier: { ...aborted, arrivals: arrivals.map(recordOf) }, error };
}

function rankFailure(evidence: ProgramEvidence, rank: number, blame: Blame | undefined): RunFailure {
  if (blame?.first.exitCode === 0) return { kind: 'rank-ended-early', rank, error: deserted(evidence, rank, blame) };
  const signal = blame === undefined || wasCutShort(blame.first) ? null : blame.first.signal;
  const facts = blame === undefined ? null : factsOf(evidence, blame);
  const ended = blame === undefined ? 'failed' : howItEnded(blame.first);
  const message = `rank ${rank} ${ended} after ${seconds(evidence.lastedMs)}${memory(evidence, signal)}`;
  if (signal === null) return { kind: 'rank-failed', rank, error: plain('CKPT_RANK_FAILED', message, hintFor(blame), facts) };
  return { kind: 'rank-killed', rank, signal, error: plain('CKPT_RANK_KILLED', message, hintForSignal(signal), facts) };
}

function endedEarly({ rank, barrier, waiting }: EarlyEnd, evidence: ProgramEvidence): SerializedError {
  const where = `barrier #${barrier.sequence} ${JSON.stringify(barrier.name)}`;
  // Of a rank of another node it is not known here.
  const lasted = evidence.blame === undefined ? '' : ` after ${seconds(evidence.lastedMs)}`;
  const message = `rank ${rank} exited with code 0${lasted}, while ${formatRanks(waiting)} waited for it at ${where}`;
  const hint = 'Have every rank call every barrier: look for an early return, or a condition that only some ranks meet.';
  return plain('CKPT_RANK_ENDED_EARLY', message, hint, {
    ...(evidence.blame === undefined ? {} : factsOf(evidence, evidence.blame)),
    barrier: { ...barrier },
    waiting: [...waiting],
  });
}

/** The others were in a collective with it. */
function deserted(evidence: ProgramEvidence, rank: number, blame: Blame): SerializedError {
  const lost = formatRanks(blame.ended.map(({ host }) => host.rank));
  const message = `rank ${rank} exited with code 0 after ${seconds(evidence.lastedMs)}, while ${lost} still called collectives with it`;
  return plain('CKPT_RANK_ENDED_EARLY', message, DESERTED_HINT, factsOf(evidence, blame));
}

const DESERTED_HINT = 'Have every rank call every collective: look for an early return, or a loop that is shorter on this rank.';

type EarlyEnd = Extract<StopReason, { kind: 'rank-ended-early' }>;

/** How a rank ended, as the rest of a sentence. */
export function howItEnded(end: EndOfRank): string {
  const { exitCode, signal, startError } = end;
  if (wasCutShort(end)) return `failed, and was ended by ${signal} before it had exited`;
  if (startError !== null) return `could not be started (${startError.message})`;
  return signal === null ? `exited with code ${exitCode}` : `was killed by ${signal}`;
}

/** Told in words only as far as it is known: the counter does not say whom the kernel killed. */
const memory = ({ oomKills }: ProgramEvidence, signal: string | null): string =>
  signal === 'SIGKILL' && oomKills > 0 ? `; the kernel killed ${oomKills} here for want of memory meanwhile` : '';

function hintFor(blame: Blame | undefined): string {
  if (blame?.first.startError != null)
    return 'Check the name and the permissions of the program and of the interpreter in its first line, and the limits on processes.';
  return blame?.lostPeer === true
    ? 'Read what the other ranks wrote, on other nodes too: this one lost its connection to one of them.'
    : 'Read what the rank wrote to its standard error.';
}

const hintForSignal = (signal: string): string =>
  signal === 'SIGKILL'
    ? 'Look for the out-of-memory killer in the system log, or for who sent the signal.'
    : 'Look for a crash in native code, or for who sent the signal.';

function factsOf({ message, logs, oomKills }: ProgramEvidence, { first, uncertain, others, ended }: Blame): JsonObject {
  const ranksOf = (outcomes: readonly HostOutcome[]): number[] => outcomes.map(({ host }) => host.rank);
  return {
    pid: first.host.pid,
    message: message ?? null,
    logs: logs ?? null,
    oomKills,
    uncertain: ranksOf(uncertain),
    failedAsWell: ranksOf(others),
    ended: ranksOf(ended),
  };
}

/** A duration in words. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;

const plain = (code: ErrorCode, message: string, hint: string, evidence: Json = null): SerializedError => ({
  code,
  message,
  hint,
  evidence,
  stack: null,
});

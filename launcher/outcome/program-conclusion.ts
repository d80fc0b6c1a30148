import { type AbortedBarrier, abortedIn } from '../../shared/contracts/barrier.ts';
import type { SerializedError } from '../../shared/contracts/errors.ts';
import { messageOf } from '../../shared/contracts/errors.ts';
import type { RankOutcome, RunFailure, RunReport } from '../../shared/contracts/run-report.ts';
import { VERSION } from '../../shared/contracts/version.ts';
import type { GroupOutcome, HostOutcome, StopReason } from '../group/rank-group.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { kept, warning } from '../notices.ts';
import { clear, giveBack } from '../output-directory/giving-back.ts';
import { firstRankOf, type ProgramAttempt } from '../program/program-attempt.ts';
import type { ProgramClaim } from '../program/program-claim.ts';
import type { ProgramRequest } from '../program/program-request.ts';
import type { Blame } from './blame.ts';
import { type ErrorFile, passErrorOn, readErrorFile } from './error-file.ts';
import { exitCodeOfRank, programExitCode } from './program-exit-code.ts';
import { failedOfBarrier, programFailure } from './program-failure.ts';
import { programFailureLines } from './program-failure-lines.ts';
import { readDecisions } from './remains.ts';
import { publishReport } from './report-file.ts';

/** A run of a program whose processes have all ended. */
export interface EndedProgram {
  readonly request: ProgramRequest;
  readonly surroundings: LaunchSurroundings;
  readonly claim: ProgramClaim;
  /** The last one. */
  readonly attempt: ProgramAttempt;
  readonly outcome: GroupOutcome;
  /** Why it ended, as all nodes agree. */
  readonly reason: StopReason | null;
  /** Who failed in it; undefined when no rank did by itself. */
  readonly blame: Blame | undefined;
  /** Of the run: wall clock and monotonic, milliseconds. */
  readonly startedAtMs: number;
  readonly startedAtMonotonicMs: number;
  /** A bug of ours that has shown itself so far: it is what the run came to. */
  readonly bug: () => SerializedError | undefined;
  /** How many the kernel has killed for want of memory since the run began; undefined where it does not say. */
  readonly oomKillsSince: () => number | undefined;
}

/** What the failed rank left behind, or one that did not come to a barrier. */
interface Traces {
  readonly aborted: AbortedBarrier | undefined;
  readonly blame: Blame | undefined;
  readonly errorFile: ErrorFile | undefined;
  readonly logs: string | undefined;
  readonly stderrTail: readonly string[];
}

/** Names what went wrong, reports, and gives the directory back. Returns the exit code. */
export async function concludeProgram(ended: EndedProgram): Promise<number> {
  const { request, surroundings, claim, attempt } = ended;
  const traces = tracesOf(ended);
  const failure = failureOf(ended, traces);
  const exitCode = programExitCode(failure, traces.blame?.first, request.torchrunExitCodes);
  const keep = (failure === null ? request.keepOutputs : !request.discardOutputs) || !claim.output.isOurs();
  const runDirectory = keep ? attempt.places.run.path : null;
  const report = reportOf(ended, failure, exitCode, runDirectory);

  if (failure !== null) tellFailure(ended, failure, exitCode, traces);
  passOn(ended, traces);
  if (!keep) clear(claim.output, surroundings.tell);
  await writeReports(ended, report);
  await giveBack(claim.output, surroundings.tell);
  if (runDirectory === null) return exitCode;
  if (failure !== null) surroundings.tell(kept(runDirectory, runDirectory));
  // Nobody else knows where a temporary directory is.
  else if (!request.output.quiet || request.outputDir === undefined)
    surroundings.tell(kept(`ckpt-run: outputs kept in ${claim.output.path}`, claim.output.path));
  return exitCode;
}

function tracesOf(ended: EndedProgram): Traces {
  const { request, surroundings, attempt, blame, outcome } = ended;
  const { disk } = surroundings.platform;
  const aborted = outcome.reason?.kind === 'rank-failed' && blame !== undefined ? barrierBehind(ended, blame.first) : undefined;
  const absent = outcome.ranks.find(({ host }) => aborted?.missing.includes(host.rank) === true);
  const rank = (absent ?? blame?.first)?.host.rank;
  if (rank === undefined) return { aborted, blame, errorFile: undefined, logs: undefined, stderrTail: [] };
  const localRank = rank - firstRankOf(request.placement);
  return {
    ...{ aborted, blame, errorFile: readErrorFile(disk, attempt.places.errorFile(localRank)) },
    ...{ logs: attempt.places.logs(localRank), stderrTail: attempt.console.stderrTail(localRank) },
  };
}

/** The barrier of which a rank failed, if that is why. */
function barrierBehind({ request, surroundings, attempt }: EndedProgram, first: HostOutcome): AbortedBarrier | undefined {
  const { disk } = surroundings.platform;
  const aborted = abortedIn(readDecisions(disk, attempt.places.run));
  const localRank = first.host.rank - firstRankOf(request.placement);
  const message = readErrorFile(disk, attempt.places.errorFile(localRank))?.message;
  const words = { stderr: attempt.console.stderrTail(localRank), message };
  return aborted !== undefined && failedOfBarrier(aborted, first, words) ? aborted : undefined;
}

function failureOf(ended: EndedProgram, { aborted, blame, errorFile, logs }: Traces): RunFailure | null {
  const { request, attempt, bug, oomKillsSince } = ended;
  const error = bug();
  if (error !== undefined) return { kind: 'launcher-failed', error };
  const reason = reasonOf(ended);
  if (reason === null) return null;
  return programFailure({
    reason,
    blame,
    aborted,
    message: errorFile?.message,
    logs,
    lastedMs: blame === undefined ? 0 : blame.first.exitedAtMs - attempt.startedAtMs,
    oomKills: oomKillsSince() ?? 0,
    timeoutMs: request.timeoutMs,
  });
}

const reasonOf = ({ reason, claim }: EndedProgram): StopReason | null =>
  reason ?? (claim.output.isOurs() ? null : { kind: 'lease-lost' });

function tellFailure(
  { request, surroundings, outcome, blame }: EndedProgram,
  failure: RunFailure,
  exitCode: number,
  traces: Traces,
): void {
  const { errorFile, logs, stderrTail } = traces;
  const lines = programFailureLines(failure, {
    ...{ title: request.title, blame, outcome, message: errorFile?.message, stderrTail, logs },
  });
  const code = failure.kind === 'interrupted' ? null : failure.error.code;
  surroundings.tell({ kind: 'failure', text: lines.join('\n'), fields: { event: 'failure', code, exitCode, failure } });
}

/** A launcher may be a rank itself: torchrun's parent reads what its children leave. */
function passOn({ surroundings }: EndedProgram, { blame, errorFile }: Traces): void {
  const { platform, environment, tell } = surroundings;
  const path = environment['TORCHELASTIC_ERROR_FILE'];
  if (path === undefined || path === '' || errorFile === undefined || blame === undefined) return;
  try {
    passErrorOn(platform.disk, errorFile, path, exitCodeOfRank(blame.first));
  } catch (thrown) {
    tell(warning(`no error file in ${path}: ${messageOf(thrown)}`));
  }
}

function writeReports({ request: { reportFile }, surroundings, attempt }: EndedProgram, report: RunReport): Promise<void> {
  const own = report.runDirectory === null ? undefined : attempt.places.run.report;
  return publishReport(surroundings.platform.disk, [reportFile, own], report, surroundings.tell);
}

function reportOf(ended: EndedProgram, failure: RunFailure | null, exitCode: number, runDirectory: string | null): RunReport {
  const { request, surroundings, claim, attempt, outcome, startedAtMs, startedAtMonotonicMs } = ended;
  return {
    format: 'ckpt-run-report',
    version: 1,
    ckptRun: VERSION,
    runId: claim.name,
    attempt: attempt.number,
    worldSize: request.placement.localWorldSize * request.placement.nodeCount,
    status: failure === null ? 'passed' : 'failed',
    exitCode,
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Math.round(surroundings.platform.clock.monotonicMs() - startedAtMonotonicMs),
    outputDir: claim.output.path,
    runDirectory,
    verdicts: [],
    failure,
    diagnosis: null,
    ...(outcome.reason?.kind === 'hung' ? { hang: outcome.reason.hang } : {}),
    ranks: outcome.ranks.map((rank) => outcomeOf(rank, failure, startedAtMonotonicMs)),
  };
}

const outcomeOf = (
  { host, exitCode, signal, wasStopped, exitedAtMs }: HostOutcome,
  failure: RunFailure | null,
  startedAtMs: number,
): RankOutcome => ({
  rank: host.rank,
  pid: host.pid,
  exitCode,
  signal,
  reachedEnd: exitCode === 0,
  endedByLauncher: wasStopped && exitCode !== 0,
  exitedAfterMs: Math.round(exitedAtMs - startedAtMs),
  error: failure !== null && 'rank' in failure && failure.rank === host.rank ? failure.error : null,
});

import type { Diagnosis, HangEvidence } from '../../shared/contracts/diagnosis.ts';
import type { SerializedError } from '../../shared/contracts/errors.ts';
import { exitCodeOf } from '../../shared/contracts/exit-code.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import type { RankOutcome, RunFailure, RunReport, WorkerReport } from '../../shared/contracts/run-report.ts';
import { worst } from '../../shared/contracts/verdict.ts';
import { VERSION } from '../../shared/contracts/version.ts';
import type { LogLine } from '../../shared/platform/logger.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { diagnose } from '../../shared/policy/diagnosis/index.ts';
import type { Examination } from '../diagnosis/examination.ts';
import { gatherHangEvidence } from '../diagnosis/hang-evidence.ts';
import { hangLines } from '../diagnosis/hang-lines.ts';
import { judge } from '../diagnosis/picture.ts';
import type { GroupOutcome, StopReason } from '../group/rank-group.ts';
import type { LaunchRequest } from '../launch-request.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { asBug } from '../notices.ts';
import type { OutputDirectory } from '../output-directory/output-directory.ts';
import { PACKAGE_DIRECTORY } from '../scenario-selection.ts';
import { failureOf } from './failure.ts';
import { failureLines } from './failure-lines.ts';
import { type Remains, reachedEnd, readRemains } from './remains.ts';

/** A run that ends. */
export interface EndingRun {
  readonly request: LaunchRequest;
  readonly surroundings: LaunchSurroundings;
  readonly plan: RunPlan;
  readonly run: RunDirectory;
  readonly output: OutputDirectory;
  readonly startedAtMs: number;
  /** Of ranks that an engine started. */
  readonly workers?: readonly WorkerReport[];
  readonly outcome: GroupOutcome;
  /** What is seen of it while ranks live, when a barrier was given up. */
  readonly examination?: Examination;
  /** How many the kernel has killed for want of memory since before the ranks were started; undefined where it does not say. */
  readonly oomKillsSince: () => number | undefined;
  /** A bug of ours that has shown itself by now. */
  readonly bug: () => SerializedError | undefined;
}

/** A run whose processes have all ended, but for those that cannot be ended. */
export interface EndedRun extends Omit<EndingRun, 'examination'> {
  /** What was found, and said, while ranks lived. */
  readonly said?: Findings | undefined;
  /** What another rank's process found out, and has said. */
  readonly told?: { readonly diagnosis: Diagnosis | null } | undefined;
}

/** What a run came to, before anything is done about it. */
export interface Findings {
  readonly report: RunReport;
  /** What to say of it, if it did not reach its end and that has not been said. */
  readonly notice: LogLine | undefined;
  /** What rank 0 printed, when it printed into a file. */
  readonly output: string;
}

/** Names what went wrong. Writes nothing and never throws: whatever goes wrong in looking is found as well. */
export function findingsOf(ended: EndingRun & EndedRun): Findings {
  try {
    return examine(ended);
  } catch (thrown) {
    return blame({ report: baseReport(ended), notice: undefined, output: '' }, asBug(thrown));
  }
}

/** The same run, with a bug of ours as its failure. */
export function blame({ report, output }: Findings, error: SerializedError): Findings {
  const failure = { kind: 'launcher-failed', error } as const;
  const blamed = { ...report, status: 'failed', exitCode: exitCodeOf(failure, 'failed'), failure } as const;
  return { report: blamed, notice: noticeOf(blamed, failure, () => []), output };
}

/** What went wrong, and no more. Throws where that cannot be seen. */
export function failureOfRun(ended: EndedRun): RunFailure | null {
  const { surroundings, run, plan, outcome, startedAtMs } = ended;
  const remains = readRemains(surroundings.platform, run, plan.worldSize);
  return rootCause(
    ended,
    remains,
    outcome.ranks.map((host) => remains.outcomeOf(host, startedAtMs)),
  );
}

function examine(ended: EndingRun & EndedRun): Findings {
  const { surroundings, run, plan, said } = ended;
  const { disk } = surroundings.platform;
  const remains = readRemains(surroundings.platform, run, plan.worldSize);
  const judged = reportOf(ended, remains);
  const output = disk.readTextIfAny(run.stdout(0)) ?? '';
  if (said !== undefined && said.report.failure?.kind === judged.failure?.kind) {
    const { failure, diagnosis } = said.report;
    return { report: { ...judged, failure, diagnosis }, notice: undefined, output };
  }
  const hang = hangOf(ended, judged.failure, remains);
  // That a run took too long does not say that one of its ranks is stuck.
  const found = hang === undefined ? null : judged.failure?.kind === 'timeout' ? judge(hang) : diagnose(hang);
  const diagnosis = ended.told === undefined ? found : ended.told.diagnosis;
  const report = withHints({ ...judged, diagnosis: contradicts(diagnosis, judged.failure) ? null : diagnosis }, ended);
  return {
    report,
    notice: report.failure === null ? undefined : noticeOf(report, report.failure, remains.stderrTail, hang, ended),
    output,
  };
}

/** What to do, where what is to be read for it will be gone. */
function withHints(report: RunReport, { request }: EndingRun): RunReport {
  const { failure, diagnosis } = report;
  if (!request.discardOutputs) return report;
  const told = (hint: string): string =>
    hint.includes('run directory') ? `Run it again without --discard-outputs. ${hint}` : hint;
  return {
    ...report,
    failure:
      failure === null || failure.kind === 'interrupted'
        ? failure
        : { ...failure, error: { ...failure.error, hint: told(failure.error.hint) } },
    diagnosis:
      diagnosis === null ? null : { ...diagnosis, verdict: { ...diagnosis.verdict, hint: told(diagnosis.verdict.hint) } },
  };
}

/** What is known where a barrier was given up, or a rank ended by itself. */
function hangOf(ended: EndingRun, failure: RunFailure | null, remains: Remains): HangEvidence | undefined {
  if (failure === null) return undefined;
  const { surroundings, plan, run, outcome, examination } = ended;
  const { platform, environment } = surroundings;
  const hasEnded = (rank: number): boolean => reachedEnd(platform, run, rank);
  const isExamined = failure.kind === 'hang' || failure.kind === 'timeout';
  if (!(isExamined ? examination !== undefined : 'rank' in failure)) return undefined;
  return gatherHangEvidence({
    disk: platform.disk,
    host: platform.host,
    environment,
    packageDirectory: PACKAGE_DIRECTORY,
    plan,
    run,
    examination: isExamined ? examination : undefined,
    atMs: platform.clock.nowMs(),
    // Who has come to its end keeps nobody waiting, unless its process does not end.
    ranks:
      isExamined && examination?.barrier === null
        ? outcome.ranks.filter(({ host, isAlive }) => isAlive === true || !hasEnded(host.rank))
        : outcome.ranks,
    remains,
    oomKillsSince: ended.oomKillsSince(),
  });
}

/** Of a rank that ended by itself more is known than a verdict on the evidence: who it was. */
const contradicts = (diagnosis: Diagnosis | null, failure: RunFailure | null): boolean =>
  failure !== null &&
  'rank' in failure &&
  (diagnosis === null || diagnosis.verdict.class === 'unknown' || !diagnosis.verdict.ranks.includes(failure.rank));

function noticeOf(
  { exitCode, ranks, diagnosis }: RunReport,
  failure: RunFailure,
  stderrTail: Remains['stderrTail'],
  hang?: HangEvidence,
  ended?: EndingRun,
): LogLine {
  const code = failure.kind === 'interrupted' ? null : failure.error.code;
  const lines =
    (failure.kind === 'hang' || failure.kind === 'timeout') && diagnosis !== null && hang !== undefined
      ? hangLines(failure.error, diagnosis, hang, { workingDirectory: process.cwd(), isDiscarded: ended?.request.discardOutputs })
      : failureLines(failure, ranks, stderrTail, diagnosis, process.cwd());
  return { kind: 'failure', text: lines.join('\n'), fields: { event: 'failure', code, exitCode, failure, diagnosis } };
}

/** Whatever ranks did in a directory that is no longer ours proves nothing. */
function reasonOf({ outcome: { reason }, output, bug }: EndedRun): StopReason | null {
  const error = bug();
  if (error !== undefined) return { kind: 'bug', error };
  return reason?.kind === 'interrupted' || output.isOurs() ? reason : { kind: 'lease-lost' };
}

function reportOf(ended: EndedRun, remains: Remains): RunReport {
  const { plan, startedAtMs, outcome } = ended;
  const ranks = outcome.ranks.map((host) => remains.outcomeOf(host, startedAtMs));
  const failure = rootCause(ended, remains, ranks);
  const { verdicts } = remains;
  const isComplete = verdicts.length === plan.scenarios.length;
  const status = worst([
    ...verdicts.map((verdict) => verdict.status),
    ...(failure === null && isComplete ? [] : ['failed' as const]),
  ]);
  return { ...baseReport(ended), status, exitCode: exitCodeOf(failure, status), verdicts, failure, ranks };
}

function rootCause(ended: EndedRun, remains: Remains, ranks: readonly RankOutcome[]): RunFailure | null {
  const reason = reasonOf(ended);
  if (reason === null) return null;
  const { history, decisions } = remains;
  return failureOf({ reason, ranks, history, decisions, timeoutMs: ended.request.timeoutMs });
}

/** What is known of a run without looking at what it left. */
const baseReport = ({ surroundings, plan, output, startedAtMs, workers }: EndedRun): RunReport => ({
  format: 'ckpt-run-report',
  version: 1,
  ckptRun: VERSION,
  runId: plan.runId,
  attempt: plan.attempt,
  worldSize: plan.worldSize,
  status: 'failed',
  exitCode: exitCodeOf(null, 'failed'),
  startedAt: new Date(startedAtMs).toISOString(),
  durationMs: Math.round(surroundings.platform.clock.nowMs() - startedAtMs),
  outputDir: output.path,
  runDirectory: null,
  verdicts: [],
  failure: null,
  diagnosis: null,
  ranks: [],
  ...(workers === undefined ? {} : { workers }),
});

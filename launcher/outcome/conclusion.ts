import { join } from 'node:path';
import { messageOf } from '../../shared/contracts/errors.ts';
import { exitCodeOf } from '../../shared/contracts/exit-code.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import type { RunFailure, RunReport } from '../../shared/contracts/run-report.ts';
import { worst } from '../../shared/contracts/verdict.ts';
import { VERSION } from '../../shared/contracts/version.ts';
import type { LogLine } from '../../shared/platform/logger.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import type { GroupOutcome, StopReason } from '../group/rank-group.ts';
import type { LaunchRequest } from '../launch-request.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { kept, warning } from '../notices.ts';
import type { OutputDirectory } from '../output-directory/output-directory.ts';
import { type FailureEvidence, failureOf } from './failure.ts';
import { failureLines } from './failure-lines.ts';
import { type Remains, readRemains } from './remains.ts';
import { writeReport } from './report-file.ts';

/** What a run came to. */
export interface LaunchResult {
  readonly report: RunReport;
  /** What rank 0 printed, when it printed into a file. */
  readonly output: string;
}

/** A run whose processes have all ended. */
export interface EndedRun {
  readonly request: LaunchRequest;
  readonly surroundings: LaunchSurroundings;
  readonly plan: RunPlan;
  readonly run: RunDirectory;
  readonly output: OutputDirectory;
  readonly startedAtMs: number;
  readonly outcome: GroupOutcome;
}

/** Names what went wrong, reports, and gives the directory back. */
export async function conclude(ended: EndedRun): Promise<LaunchResult> {
  const { request, surroundings, run, output, plan } = ended;
  const { platform, tell } = surroundings;
  const remains = readRemains(platform, run, plan.worldSize);
  const report = reportOf(ended, remains);
  const keep = (report.exitCode === 0 ? request.keepOutputs : !request.discardOutputs) || !output.isOurs();
  const text = platform.disk.readTextIfAny(join(run.logs(0), 'stdout.log')) ?? '';
  const final = { ...report, runDirectory: keep ? run.path : null };

  if (final.failure !== null) tell(failureNotice(final, final.failure, remains));
  const writes = [...(request.reportFile === undefined ? [] : [request.reportFile]), ...(keep ? [run.report] : [])];
  for (const file of writes) {
    // A full disk must not hide how the run ended.
    await writeReport(platform.disk, file, final).catch((thrown: unknown) =>
      tell(warning(`no report in ${file}: ${messageOf(thrown)}`)),
    );
  }
  await output.release(keep);
  if (keep && report.exitCode !== 0) tell(kept(run.path, run.path));
  else if (keep && !request.output.quiet) tell(kept(`ckpt-run: outputs kept in ${output.path}`, output.path));
  return { report: final, output: text };
}

/** Whatever ranks did in a directory that is no longer ours proves nothing. */
const reasonOf = ({ reason }: GroupOutcome, output: OutputDirectory): StopReason | null =>
  reason?.kind === 'interrupted' || reason?.kind === 'bug' || output.isOurs() ? reason : { kind: 'lease-lost' };

function failureNotice({ exitCode, ranks }: RunReport, failure: RunFailure, { stderrTail }: Remains): LogLine {
  const code = failure.kind === 'interrupted' ? null : failure.error.code;
  const text = failureLines(failure, ranks, stderrTail).join('\n');
  return { kind: 'failure', text, fields: { event: 'failure', code, exitCode, failure } };
}

function reportOf({ request, surroundings, plan, output, startedAtMs, outcome }: EndedRun, remains: Remains): RunReport {
  const ranks = outcome.ranks.map((host) => remains.outcomeOf(host, startedAtMs));
  const evidence: Omit<FailureEvidence, 'reason'> = {
    ranks,
    history: remains.history,
    decisions: remains.decisions,
    timeoutMs: request.timeoutMs,
  };
  const reason = reasonOf(outcome, output);
  const failure = reason === null ? null : failureOf({ ...evidence, reason });
  const { verdicts } = remains;
  const isComplete = verdicts.length === plan.scenarios.length;
  const status = worst([
    ...verdicts.map((verdict) => verdict.status),
    ...(failure === null && isComplete ? [] : ['failed' as const]),
  ]);
  return {
    format: 'ckpt-run-report',
    version: 1,
    ckptRun: VERSION,
    runId: plan.runId,
    attempt: plan.attempt,
    worldSize: plan.worldSize,
    status,
    exitCode: exitCodeOf(failure, status),
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: Math.round(surroundings.platform.clock.nowMs() - startedAtMs),
    outputDir: output.path,
    runDirectory: null,
    verdicts,
    failure,
    ranks,
  };
}

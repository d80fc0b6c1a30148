import { CkptError } from '../shared/contracts/errors.ts';
import type { RunPlan } from '../shared/contracts/run-plan.ts';
import { VERSION } from '../shared/contracts/version.ts';
import type { Disk } from '../shared/platform/disk.ts';
import { outputUnusable } from '../shared/platform/output-unusable.ts';
import type { Platform } from '../shared/platform/platform.ts';
import { attemptPath, type RunDirectory, runDirectory } from '../shared/platform/run-directory.ts';
import { temporaryRoot } from '../shared/platform/temporary-root.ts';
import { beforeDeadline, type Deadline, startDeadline } from './deadline.ts';
import { type Examiner, openExaminer } from './diagnosis/examination.ts';
import { openRunNotices } from './diagnosis/run-notices.ts';
import { watchForStall } from './diagnosis/stall-watch.ts';
import { freeMasterAddress } from './group/master-address.ts';
import { type GroupOutcome, type GroupRules, type RankGroup, watchGroup } from './group/rank-group.ts';
import { startRanks } from './group/start-ranks.ts';
import type { LaunchRequest } from './launch-request.ts';
import type { LaunchSurroundings } from './launch-surroundings.ts';
import { progress, warning } from './notices.ts';
import { conclude, type LaunchResult } from './outcome/conclusion.ts';
import { type EndingRun, type Findings, findingsOf } from './outcome/findings.ts';
import { countOomKills } from './outcome/out-of-memory.ts';
import { reachedEnd } from './outcome/remains.ts';
import { refuseReportFile } from './outcome/report-file.ts';
import { clear, giveBack } from './output-directory/giving-back.ts';
import { claimOutputDirectory, type OutputDirectory } from './output-directory/output-directory.ts';
import { answerQuit } from './quit-request.ts';
import { newRunId } from './run-id.ts';
import { PACKAGE_DIRECTORY, planScenarios, type Selection } from './scenario-selection.ts';
import { stopRequests } from './stop-requests.ts';

/** A process that SIGKILL has not ended by then is stuck in the kernel. */
const LEAVE_AFTER_MS = 3000;

/**
 * One whole run: check what is asked, claim the directory, start the ranks, watch them, name what went wrong, report, clean
 * up. Throws a CkptError for what cannot be run, before anything is written.
 */
export async function launch(request: LaunchRequest, surroundings: LaunchSurroundings): Promise<LaunchResult> {
  const { platform, interruption, tell } = surroundings;
  const startedAtMs = platform.clock.nowMs();
  const deadline = startDeadline(platform.clock, request.timeoutMs);
  if (request.reportFile !== undefined) refuseReportFile(platform.disk, request.reportFile);
  const master = freeMasterAddress();
  const planned = planScenarios(platform.disk, request);
  const selection = await beforeDeadline(deadline, planned, stillLoading(request));
  const runId = newRunId(startedAtMs);

  const requests = stopRequests();
  const onLeaseLost = (error: CkptError): void => {
    tell(warning(error.message));
    requests.stop({ kind: 'lease-lost' });
  };
  let describe = (): void => tell(progress('picture', 'no rank has been started yet'));
  const silences = [
    interruption.subscribe(requests.stop),
    interruption.listen(
      ['SIGQUIT'],
      answerQuit(platform.clock, requests.stop, () => describe()),
    ),
  ];
  const output = await claimOutputDirectory(platform, {
    wanted: request.outputDir,
    temporaryRoot: temporaryRoot(platform.disk, surroundings.environment, platform.uid),
    overwrite: request.overwrite,
    scenarios: selection.scenarios.map(({ name }) => name),
    runId,
    warn: (line) => tell(warning(line)),
    onLeaseLost,
  });

  let isStarted = false;
  try {
    const plan = planOf(request, runId, output, selection);
    const run = layOut(platform, plan);
    const oomKillsSince = countOomKills(platform.disk);
    const hosts = startRanks(plan, run, await master, surroundings, output.noteRank);
    isStarted = true;
    const examiner = openExaminer({
      ...{ platform, environment: surroundings.environment, plan, run, hosts, packageDirectory: PACKAGE_DIRECTORY },
      isAlive: (host) => group.isAlive(host),
    });
    const known = { request, surroundings, plan, run, output, startedAtMs, bug: requests.bug, oomKillsSince };
    const early = earlyFindings(known, examiner, () => group.outcomes());
    const group: RankGroup = watchGroup(hosts, {
      examine: early.examine,
      clock: platform.clock,
      graceMs: request.shutdownTimeoutMs,
      leaveAfterMs: LEAVE_AFTER_MS,
      reachedEnd: (rank) => reachedEnd(platform, run, rank),
    });
    requests.passTo(group);
    const watched = { platform, run, hosts, hardTimeoutMs: request.hardTimeoutMs };
    const notices = openRunNotices(watched, examiner, request.output.quiet, tell);
    describe = notices.describe;
    const quietMs = request.barrierTimeoutMs ?? selection.patienceMs;
    const unwatch = watchForStall({ ...watched, quietMs, isAlive: (host) => group.isAlive(host) }, group.stop);
    const outcome = await endBefore(deadline, group).finally(() => {
      notices.end();
      unwatch();
    });
    return await conclude({ ...known, outcome, said: early.said() });
  } catch (thrown) {
    if (!isStarted || request.discardOutputs) clear(output, tell);
    await giveBack(output, tell);
    throw thrown;
  } finally {
    for (const silence of silences) silence();
  }
}

/** Finds out why a run ends, and says it, while its ranks live: they may take long to end, or never do. */
function earlyFindings(
  known: Omit<EndingRun, 'outcome'>,
  examiner: Examiner,
  outcomes: RankGroup['outcomes'],
): { readonly examine: NonNullable<GroupRules['examine']>; readonly said: () => Findings | undefined } {
  let said: Findings | undefined;
  return {
    said: () => said,
    examine: (reason) =>
      examiner.examine(reason)?.then((examination) => {
        if (examination === undefined) return;
        said = findingsOf({ ...known, outcome: { ranks: outcomes(), reason }, examination });
        if (said.notice !== undefined) known.surroundings.tell(said.notice);
      }),
  };
}

const planOf = (request: LaunchRequest, runId: string, output: OutputDirectory, { scenarios, faults }: Selection): RunPlan => ({
  format: 'ckpt-run-plan',
  version: 1,
  ckptRun: VERSION,
  runId,
  attempt: 0,
  worldSize: request.worldSize,
  outputDir: output.path,
  scenarios,
  barrierTimeoutMs: request.barrierTimeoutMs ?? null,
  hardTimeoutMs: request.hardTimeoutMs,
  seed: request.seed,
  faults,
  output: request.output,
});

function layOut({ disk }: Platform, plan: RunPlan): RunDirectory {
  const run = runDirectory(attemptPath(plan.outputDir, plan.runId, plan.attempt));
  try {
    disk.makeDirectory(run.journals);
    disk.makeDirectory(run.barriers);
    for (let rank = 0; rank < plan.worldSize; rank += 1) disk.makeDirectory(run.logs(rank));
    placePlan(disk, run, plan);
  } catch (cause) {
    throw outputUnusable(plan.outputDir, cause);
  }
  return run;
}

/** Placed as every barrier's files are, so that a file system without hard links is found before a rank starts. */
function placePlan(disk: Disk, run: RunDirectory, plan: RunPlan): void {
  disk.write(`${run.plan}.tmp`, `${JSON.stringify(plan, null, 2)}\n`);
  disk.linkIfFree(`${run.plan}.tmp`, run.plan);
  disk.removeFile(`${run.plan}.tmp`);
}

async function endBefore(deadline: Deadline, group: RankGroup): Promise<GroupOutcome> {
  const cancel = deadline(() => group.stop({ kind: 'timeout' }));
  try {
    return await group.ended;
  } finally {
    cancel();
  }
}

const stillLoading = ({ scenario, timeoutMs = 0 }: LaunchRequest): CkptError =>
  new CkptError(`--scenario ${scenario}: it was still loading when the run had taken --timeout ${timeoutMs / 1000} s`, {
    code: 'CKPT_RUN_TIMEOUT',
    hint: 'Allow more time, or look at the top of the file for an await that never settles.',
  });

import { CkptError } from '../shared/contracts/errors.ts';
import { temporaryRoot } from '../shared/platform/temporary-root.ts';
import { beforeDeadline, type Deadline, startDeadline } from './deadline.ts';
import { openExaminer } from './diagnosis/examination.ts';
import { openRunNotices } from './diagnosis/run-notices.ts';
import { watchForStall } from './diagnosis/stall-watch.ts';
import { freeMasterAddress } from './group/master-address.ts';
import { type GroupOutcome, type RankGroup, watchGroup } from './group/rank-group.ts';
import { startRanks } from './group/start-ranks.ts';
import type { LaunchRequest } from './launch-request.ts';
import type { LaunchSurroundings } from './launch-surroundings.ts';
import { everyRank, layOut, planOf } from './lay-out.ts';
import { progress, warning } from './notices.ts';
import { conclude, type LaunchResult } from './outcome/conclusion.ts';
import { earlyFindings } from './outcome/early-findings.ts';
import { countOomKills } from './outcome/out-of-memory.ts';
import { reachedEnd } from './outcome/remains.ts';
import { refuseReportFile } from './outcome/report-file.ts';
import { clear, giveBack } from './output-directory/giving-back.ts';
import { claimOutputDirectory } from './output-directory/output-directory.ts';
import { answerQuit } from './quit-request.ts';
import { newRunId } from './run-id.ts';
import { PACKAGE_DIRECTORY, planScenarios } from './scenario-selection.ts';
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
    const plan = planOf(request, { runId, attempt: 0 }, output.path, selection);
    const run = layOut(platform, plan, everyRank(plan));
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

/** How a group ends, which it does when the time is over. */
export async function endBefore(deadline: Deadline, group: RankGroup): Promise<GroupOutcome> {
  const cancel = deadline(() => group.stop({ kind: 'timeout' }));
  try {
    return await group.ended;
  } finally {
    cancel();
  }
}

/** The time was over before there was anything to run. */
export const stillLoading = ({ scenario, timeoutMs = 0 }: LaunchRequest): CkptError =>
  new CkptError(`--scenario ${scenario}: it was still loading when the run had taken --timeout ${timeoutMs / 1000} s`, {
    code: 'CKPT_RUN_TIMEOUT',
    hint: 'Allow more time, or look at the top of the file for an await that never settles.',
  });

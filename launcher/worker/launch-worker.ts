import { CkptError } from '../../shared/contracts/errors.ts';
import { EXIT_CODES, exitCodeOf } from '../../shared/contracts/exit-code.ts';
import { withFreshView } from '../../shared/platform/fresh-view.ts';
import { beforeDeadline, startDeadline } from '../deadline.ts';
import type { RunNotices } from '../diagnosis/run-notices.ts';
import type { StopReason } from '../group/rank-group.ts';
import { stillLoading } from '../launch.ts';
import type { LaunchRequest } from '../launch-request.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { everyRank } from '../lay-out.ts';
import { progress, warning } from '../notices.ts';
import { conclude } from '../outcome/conclusion.ts';
import { failureOfRun, findingsOf } from '../outcome/findings.ts';
import { refuseReportFile } from '../outcome/report-file.ts';
import { giveBack } from '../output-directory/giving-back.ts';
import { answerQuit } from '../quit-request.ts';
import { planScenarios } from '../scenario-selection.ts';
import { stopRequests } from '../stop-requests.ts';
import { joinRun, leaveRun, type WorkerRequest } from './join-run.ts';
import { type Leaving, openPeers, type Peers } from './peers.ts';
import { privateDirectory } from './private-directory.ts';
import { readAlike } from './refused-alike.ts';
import { callRoll } from './roll-call.ts';
import { speakerOf } from './speaker.ts';
import { endOf, LAST_WORDS_MS, type Worker } from './watch-rank.ts';
import type { WorkerPlace } from './worker-place.ts';

/** How long rank 0 waits for workers to say that they have ended, as they were told. */
const GRACE_MS = 500;

/**
 * One rank of a run whose other ranks an engine has started: join the run, start the rank, watch all of them, name what went
 * wrong. Rank 0 verifies, reports and cleans up. Returns the exit code. Throws a CkptError for what cannot be run.
 */
export async function launchWorker(asked: LaunchRequest, place: WorkerPlace, here: LaunchSurroundings): Promise<number> {
  const request = requestOf(asked, place, here);
  const platform = withFreshView(here.platform, request.outputDir);
  const surroundings = { ...here, platform };
  const { interruption, tell } = surroundings;
  const startedAtMs = platform.clock.nowMs();
  const deadline = startDeadline(platform.clock, asked.timeoutMs);
  if (request.reportFile !== undefined) refuseReportFile(platform.disk, request.reportFile);
  const selection = await beforeDeadline(deadline, planScenarios(platform.disk, request), stillLoading(request));

  const requests = stopRequests();
  let peers: Peers | undefined;
  let describe = (): void => tell(progress('picture', `rank ${place.rank} has not been started yet`));
  const silences = [
    interruption.subscribe((reason) => requests.stop(causeOf(reason, peers))),
    interruption.listen(
      ['SIGQUIT'],
      answerQuit(platform.clock, requests.stop, () => describe()),
    ),
  ];
  const describeBy = (notices: RunNotices): void => {
    describe = notices.describe;
  };
  try {
    const joined = await joinRun(request, place, surroundings, selection, (error) => {
      tell(warning(error.message));
      requests.stop({ kind: 'lease-lost' });
    });
    const others = everyRank(joined.plan).filter((rank) => rank !== place.rank);
    peers = openPeers(platform, joined.run, others, place.rank === 0 ? GRACE_MS : 0);
    if (place.rank === 0 && !request.output.quiet) tell(progress('worker', placeLine(place)));
    return await work({ request, selection, place, surroundings, startedAtMs, deadline, requests, peers, describeBy, ...joined });
  } finally {
    peers?.close();
    for (const silence of silences) silence();
  }
}

/** All ranks are told the same, and what is printed goes through the engine. */
function requestOf(asked: LaunchRequest, place: WorkerPlace, { platform, environment }: LaunchSurroundings): WorkerRequest {
  return {
    ...asked,
    worldSize: place.worldSize,
    outputDir: asked.outputDir ?? readAlike(environment, () => privateDirectory(platform, place, environment)),
    reportFile: place.rank === 0 ? asked.reportFile : undefined,
    output: { ...asked.output, color: false, progress: false },
  };
}

/** An engine ends all ranks when one has failed: that one is the cause, and not the signal. */
function causeOf(reason: StopReason, peers: Peers | undefined): StopReason {
  const rank = reason.kind === 'interrupted' ? peers?.failed() : undefined;
  return rank === undefined ? reason : { kind: 'rank-failed', rank };
}

const placeLine = ({ engine, rank, worldSize, localRank, localWorldSize, runId, attempt }: WorkerPlace): string =>
  `worker, rank ${rank} of ${worldSize} (local ${localRank} of ${localWorldSize}), started by ${engine ?? 'hand'}, run ${runId}, attempt ${attempt}; --mode launch starts the ranks here`;

async function work(worker: Worker): Promise<number> {
  const { place, surroundings, output, run, peers } = worker;
  let last = endedWith(EXIT_CODES.failed).leaving;
  try {
    const { leaving, exitCode } = (await endAtStart(worker)) ?? (await goThrough(worker));
    last = leaving;
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CkptError && thrown.code === 'CKPT_BARRIER_TIMEOUT') last = endedWith(EXIT_CODES.hang).leaving;
    await giveBack(output, surroundings.tell);
    throw thrown;
  } finally {
    leaveRun(surroundings.platform, run, place.rank, last);
    // The first process that fails has the engine end the others, and rank 0 is to report and to clean up.
    if (last.because !== null && place.rank !== 0) await peers.leaving(0, LAST_WORDS_MS);
  }
}

/** How a worker ends, and what the others are to know of it. */
interface WorkerEnd {
  readonly exitCode: number;
  readonly leaving: Leaving;
}

/** Without a rank. */
const endedWith = (exitCode: number): WorkerEnd => ({
  exitCode,
  leaving: { exit: { exitCode, signal: null, startError: null }, because: null, diagnosis: null },
});

/** From the start of the rank to the report. */
async function goThrough(worker: Worker): Promise<WorkerEnd> {
  const { place, surroundings, peers } = worker;
  const { exit, ended } = await endOf(worker);
  const failure = ended === undefined ? null : failureOfRun(ended);
  const because = failure === null ? null : speakerOf(failure, place.rank);
  const told = because === null || because === place.rank ? undefined : await peers.leaving(because, LAST_WORDS_MS);
  if (ended === undefined) return { exitCode: EXIT_CODES.passed, leaving: { exit, because, diagnosis: null } };
  if (place.rank === 0) {
    const { exitCode, diagnosis } = (await conclude({ ...ended, told })).report;
    return { exitCode, leaving: { exit, because, diagnosis } };
  }
  const exitCode = exitCodeOf(failure, 'failed');
  // For a process that is gone without a word, rank 0 speaks.
  if (because !== place.rank) return { exitCode, leaving: { exit, because, diagnosis: null } };
  const { notice, report } = findingsOf(ended);
  if (notice !== undefined) surroundings.tell(notice);
  return { exitCode, leaving: { exit, because, diagnosis: report.diagnosis } };
}

/** Nobody makes anything before all are there. What rank 0 has said itself where it has left; undefined where it has not. */
async function endAtStart(worker: Worker): Promise<WorkerEnd | undefined> {
  const { peers, plan, place, surroundings, request, requests, deadline } = worker;
  const tell = request.output.quiet ? (): void => undefined : surroundings.tell;
  let isOverdue = false;
  const cancel = deadline(() => {
    isOverdue = true;
  });
  const isStopped = (): boolean => isOverdue || requests.first() !== undefined;
  await callRoll({ clock: surroundings.platform.clock, peers, plan, rank: place.rank, tell, isStopped }).finally(cancel);
  const first = place.rank === 0 ? undefined : await peers.leaving(0, 0);
  return first === undefined ? undefined : endedWith(first.exit.exitCode ?? EXIT_CODES.failed);
}

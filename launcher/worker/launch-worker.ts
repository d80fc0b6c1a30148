import { abortedIn } from '../../shared/contracts/barrier.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import { EXIT_CODES, exitCodeOf } from '../../shared/contracts/exit-code.ts';
import type { MasterAddress } from '../../shared/contracts/world.ts';
import { withFreshView } from '../../shared/platform/fresh-view.ts';
import { beforeDeadline, type Deadline, startDeadline } from '../deadline.ts';
import { openExaminer } from '../diagnosis/examination.ts';
import { unseenLook } from '../diagnosis/live-look.ts';
import { openRunNotices, type RunNotices } from '../diagnosis/run-notices.ts';
import { watchForStall } from '../diagnosis/stall-watch.ts';
import { TORCH_DEFAULT_PORT } from '../group/master-address.ts';
import { type RankGroup, type StopReason, watchGroup } from '../group/rank-group.ts';
import { startRank } from '../group/start-ranks.ts';
import { endBefore, stillLoading } from '../launch.ts';
import type { LaunchRequest } from '../launch-request.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { everyRank } from '../lay-out.ts';
import { progress, warning } from '../notices.ts';
import { conclude } from '../outcome/conclusion.ts';
import { earlyFindings } from '../outcome/early-findings.ts';
import { type EndedRun, failureOfRun, findingsOf } from '../outcome/findings.ts';
import { countOomKills } from '../outcome/out-of-memory.ts';
import { reachedEnd, readDecisions } from '../outcome/remains.ts';
import { refuseReportFile } from '../outcome/report-file.ts';
import { giveBack } from '../output-directory/giving-back.ts';
import { answerQuit } from '../quit-request.ts';
import type { RankExit, RankHost } from '../rank-host.ts';
import { PACKAGE_DIRECTORY, planScenarios, type Selection } from '../scenario-selection.ts';
import { type StopRequests, stopRequests } from '../stop-requests.ts';
import { type JoinedRun, joinRun, leaveRun, type WorkerRequest } from './join-run.ts';
import { type Leaving, openPeers, type Peers, workersIn } from './peers.ts';
import { privateDirectory } from './private-directory.ts';
import { readAlike } from './refused-alike.ts';
import { callRoll } from './roll-call.ts';
import { speakerOf } from './speaker.ts';
import type { WorkerPlace } from './worker-place.ts';

/** How long one worker lets another say what went wrong, where that one knows better. */
const LAST_WORDS_MS = 5000;
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

/** A worker that has joined its run. */
interface Worker extends JoinedRun {
  readonly request: WorkerRequest;
  readonly place: WorkerPlace;
  readonly surroundings: LaunchSurroundings;
  readonly startedAtMs: number;
  readonly deadline: Deadline;
  readonly requests: StopRequests;
  readonly peers: Peers;
  readonly selection: Selection;
  /** Says who describes the run from now on, to whoever asks. */
  readonly describeBy: (notices: RunNotices) => void;
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

/** Starts the rank, and waits for its end; on rank 0 for that of all. `ended` is undefined where this rank has reached its end and the rest is rank 0's. */
async function endOf(worker: Worker): Promise<{ readonly exit: RankExit; readonly ended?: EndedRun }> {
  const { request, selection, place, surroundings, output, plan, run, peers, requests, deadline, startedAtMs, describeBy } =
    worker;
  const { platform, environment } = surroundings;
  const oomKillsSince = countOomKills(platform.disk);
  const own = startRank(plan, run, place, masterOf(environment), surroundings, output.noteRank);
  const hosts = everyRank(plan).map((rank) => peers.hosts.find((host) => host.rank === rank) ?? own);
  const examiner = openExaminer({
    ...{ platform, environment, plan, run, hosts, packageDirectory: PACKAGE_DIRECTORY },
    isAlive: (host) => group.isAlive(host),
  });
  const known = {
    request,
    surroundings,
    plan,
    run,
    output,
    startedAtMs,
    workers: workersIn(platform.disk, run),
    bug: requests.bug,
    oomKillsSince,
  };
  const early = earlyFindings(known, examiner, () => group.outcomes());
  const group: RankGroup = watchGroup(hosts, {
    // Two that look at one rank would disturb each other: whoever has given the barrier up looks, or rank 0.
    examine: (reason) => {
      const decidedBy = abortedIn(readDecisions(platform.disk, run))?.decidedBy;
      if ((decidedBy ?? 0) === place.rank) return early.examine(reason);
      return decidedBy === undefined ? undefined : peers.leaving(decidedBy, LAST_WORDS_MS).then(() => undefined);
    },
    clock: platform.clock,
    graceMs: request.shutdownTimeoutMs,
    reachedEnd: (rank) => reachedEnd(platform, run, rank),
  });
  requests.passTo(group);
  const isSilent = request.output.quiet || place.rank !== 0;
  const watched = { platform, run, hosts, hardTimeoutMs: request.hardTimeoutMs };
  const others = new Map(peers.hosts.map(({ rank }) => [rank, unseenLook(OTHERS)]));
  const notices = openRunNotices(watched, { picture: () => examiner.picture(others) }, isSilent, surroundings.tell);
  describeBy(notices);
  const quietMs = request.barrierTimeoutMs ?? selection.patienceMs;
  const isAlive = (host: RankHost): boolean => group.isAlive(host);
  const isElsewhere = (host: RankHost): boolean => host !== own && host.pid === null;
  const unwatch = place.rank === 0 ? watchForStall({ ...watched, quietMs, isAlive, isElsewhere }, group.stop) : undefined;
  const all = endBefore(deadline, group).finally(() => {
    notices.end();
    unwatch?.();
  });
  const outcome = await (place.rank === 0 ? all : Promise.race([all, finished(worker, own)]));
  if ('exit' in outcome) return outcome;
  const { exitCode, signal, startError } = await own.exited;
  const exit = { exitCode, signal, startError };
  return { exit, ended: { ...known, outcome, said: early.said() } };
}

/** An engine passes a signal on to all of them, and two that look at one rank would disturb each other. */
const OTHERS = { notSeen: 'its own worker says it, when that is sent SIGQUIT' };

/** Settles when the rank has come to its end. */
const finished = ({ surroundings, run }: Worker, own: RankHost): Promise<{ readonly exit: RankExit }> =>
  new Promise((resolve) => {
    void own.exited.then((exit) => {
      const isEnd = exit.exitCode === 0 && reachedEnd(surroundings.platform, run, own.rank);
      if (isEnd) resolve({ exit });
    });
  });

/** Nothing of ours listens there. */
const masterOf = (environment: LaunchSurroundings['environment']): MasterAddress => ({
  host: environment['MASTER_ADDR'] ?? '127.0.0.1',
  port: Number(environment['MASTER_PORT'] ?? TORCH_DEFAULT_PORT),
});

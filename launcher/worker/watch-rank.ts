import { abortedIn } from '../../shared/contracts/barrier.ts';
import type { MasterAddress } from '../../shared/contracts/world.ts';
import type { Deadline } from '../deadline.ts';
import { openExaminer } from '../diagnosis/examination.ts';
import { unseenLook } from '../diagnosis/live-look.ts';
import { openRunNotices, type RunNotices } from '../diagnosis/run-notices.ts';
import { watchForStall } from '../diagnosis/stall-watch.ts';
import { TORCH_DEFAULT_PORT } from '../group/master-address.ts';
import { type RankGroup, watchGroup } from '../group/rank-group.ts';
import { startRank } from '../group/start-ranks.ts';
import { endBefore } from '../launch.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { everyRank } from '../lay-out.ts';
import { earlyFindings } from '../outcome/early-findings.ts';
import type { EndedRun } from '../outcome/findings.ts';
import { countOomKills } from '../outcome/out-of-memory.ts';
import { reachedEnd, readDecisions } from '../outcome/remains.ts';
import type { RankExit, RankHost } from '../rank-host.ts';
import { PACKAGE_DIRECTORY, type Selection } from '../scenario-selection.ts';
import type { StopRequests } from '../stop-requests.ts';
import type { JoinedRun, WorkerRequest } from './join-run.ts';
import { type Peers, workersIn } from './peers.ts';
import type { WorkerPlace } from './worker-place.ts';

/** How long one worker lets another say what went wrong, where that one knows better. */
export const LAST_WORDS_MS = 5000;

/** A worker that has joined its run. */
export interface Worker extends JoinedRun {
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

/** Starts the rank, and waits for its end; on rank 0 for that of all. `ended` is undefined where this rank has reached its end and the rest is rank 0's. */
export async function endOf(worker: Worker): Promise<{ readonly exit: RankExit; readonly ended?: EndedRun }> {
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

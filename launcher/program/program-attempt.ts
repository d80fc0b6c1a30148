import { signalExitCode } from '../../shared/contracts/exit-code.ts';
import { LAUNCHER_PID_VARIABLE, RUN_DIRECTORY_VARIABLE } from '../../shared/contracts/run-plan.ts';
import type { MasterAddress } from '../../shared/contracts/world.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { outputUnusable } from '../../shared/platform/output-unusable.ts';
import { catchesSignal } from '../../shared/platform/process-facts.ts';
import { watchEnvironment, watchFilesIn } from '../../shared/platform/stacks/watch-environment.ts';
import { type AttemptConsole, openAttemptConsole } from '../console/attempt-console.ts';
import type { Console } from '../console/console.ts';
import { planStreams } from '../console/stream-plan.ts';
import type { Guardian } from '../group/guardian.ts';
import { freeMasterAddress } from '../group/master-address.ts';
import { type RankGroup, watchGroup } from '../group/rank-group.ts';
import { ownFailure } from '../outcome/own-failure.ts';
import { type RankHost, startedOrNot, startProcess } from '../rank-host.ts';
import { PACKAGE_DIRECTORY } from '../scenario-selection.ts';
import { watchForEarlyEnd } from './early-end.ts';
import { watchForHang } from './hang-watch.ts';
import type { ProgramClaim } from './program-claim.ts';
import type { ProgramSurroundings } from './program-console.ts';
import { programEnvironment } from './program-environment.ts';
import type { AttemptPlaces } from './program-places.ts';
import type { NodePlacement, ProgramRequest } from './program-request.ts';

/** The ranks of one attempt, started. */
export interface ProgramAttempt {
  readonly number: number;
  readonly places: AttemptPlaces;
  readonly console: AttemptConsole;
  readonly hosts: readonly RankHost[];
  readonly group: RankGroup;
  /** Monotonic, milliseconds. */
  readonly startedAtMs: number;
}

/** What all attempts of a run have in common. */
export interface AttemptSetting {
  readonly request: ProgramRequest;
  readonly surroundings: ProgramSurroundings;
  readonly console: Console;
  readonly claim: ProgramClaim;
  readonly guardian: Guardian;
}

/** Lays out the directories of an attempt and starts its ranks. */
export async function startAttempt(setting: AttemptSetting, number: number): Promise<ProgramAttempt> {
  const { request, surroundings, claim, guardian } = setting;
  const { clock, disk } = surroundings.platform;
  const places = claim.places.attempt(number);
  const master = await masterOf(request.placement);
  layOut(disk, places);
  const console = openLogs(setting, places);
  const startedAtMs = clock.monotonicMs();
  const hosts = Array.from({ length: request.placement.localWorldSize }, (_, localRank) =>
    startRank(setting, { number, places, console, master }, localRank),
  );
  const group = watchGroup(hosts, {
    clock,
    graceMs: request.shutdownTimeoutMs,
    reachedEnd: () => true,
    handles: ({ pid }, name) => pid !== null && catchesSignal(disk, pid, signalExitCode(name) - 128),
    firstSignal: (reason) => (reason.kind === 'interrupted' ? reason.signal : 'SIGTERM'),
    onStop: (reason, failed) => {
      const failure = ownFailure(reason, failed);
      if (failure !== undefined) claim.exchange?.announce(failure);
    },
  });
  watchForEarlyEnd(surroundings.platform, places, hosts, group);
  if (request.hang !== undefined) watchForHang(surroundings, { places, hosts, group }, request.hang);
  for (const { exited, pid } of hosts) void exited.then(() => pid !== null && guardian.forget(pid));
  return { number, places, console, hosts, group, startedAtMs };
}

type RankSetting = Pick<ProgramAttempt, 'number' | 'places' | 'console'> & { readonly master: MasterAddress };

function startRank(setting: AttemptSetting, { number, places, console, master }: RankSetting, localRank: number): RankHost {
  const { request, surroundings, claim, guardian } = setting;
  const rank = firstRankOf(request.placement) + localRank;
  const runId = request.placement.runId ?? claim.name;
  const start = { localRank, runId, attempt: number, master, errorFile: places.errorFile(localRank) };
  const given = programEnvironment(surroundings.environment, request, start);
  const environment = {
    ...(request.hang === undefined ? given : watchEnvironment(given, watchFilesIn(PACKAGE_DIRECTORY))),
    [RUN_DIRECTORY_VARIABLE]: places.run.path,
    [LAUNCHER_PID_VARIABLE]: String(surroundings.platform.pid),
  };
  const host = startedOrNot(rank, () => {
    const command = request.commandOf(localRank);
    return console.start(localRank, (streams) => startProcess(rank, command, environment, streams));
  });
  if (host.pid !== null) guardian.guard(host.pid);
  if (host.pid !== null) claim.output.noteRank(rank, host.pid);
  return host;
}

/** The lowest global rank of a node. */
export const firstRankOf = ({ nodeRank, localWorldSize }: NodePlacement): number => nodeRank * localWorldSize;

/** Another free port at every attempt, unless one was given: the last one's may be in use for a while. */
async function masterOf({ masterAddr, masterPort }: NodePlacement): Promise<MasterAddress> {
  if (masterAddr !== undefined && masterPort !== undefined) return { host: masterAddr, port: masterPort };
  const free = await freeMasterAddress();
  return { host: masterAddr ?? free.host, port: masterPort ?? free.port };
}

function layOut(disk: Disk, { run, gone }: AttemptPlaces): void {
  try {
    disk.makeDirectory(run.journals);
    disk.makeDirectory(run.barriers);
    if (gone !== undefined) disk.makeDirectory(gone);
  } catch (cause) {
    throw outputUnusable(run.path, cause);
  }
}

function openLogs({ request, surroundings, console }: AttemptSetting, places: AttemptPlaces): AttemptConsole {
  const { run, logs } = places;
  const { logs: routing, placement } = request;
  const { disk } = surroundings.platform;
  try {
    // A rank without files has a directory all the same: its error file goes there.
    for (let localRank = 0; localRank < placement.localWorldSize; localRank += 1) disk.makeDirectory(logs(localRank));
    return openAttemptConsole(console, disk, planStreams(routing, placement, surroundings.terminals), places);
  } catch (cause) {
    throw routing.logDir === undefined ? outputUnusable(run.path, cause) : outputUnusable(routing.logDir, cause, '--log-dir');
  }
}

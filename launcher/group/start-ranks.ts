import type { FaultKind } from '../../shared/contracts/fault.ts';
import { LAUNCHER_PID_VARIABLE, RUN_DIRECTORY_VARIABLE, type RunPlan } from '../../shared/contracts/run-plan.ts';
import { environmentOf, type MasterAddress, type World } from '../../shared/contracts/world.ts';
import type { AppendOnlyFile, Disk } from '../../shared/platform/disk.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { SMALL_HEAP } from '../../shared/platform/sabotage.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { builtInRank, forgotten, type RankHost, type StreamTarget, startedOrNot, startProcess } from '../rank-host.ts';

type StartSurroundings = Pick<LaunchSurroundings, 'environment' | 'primaryOutput' | 'platform'>;

/**
 * Starts every rank of a plan, and notes each. Rank 0 alone may print; the others write into the run directory. A rank that
 * cannot be started is one that has ended already, and says why; nothing is thrown.
 */
export function startRanks(
  plan: RunPlan,
  run: RunDirectory,
  master: MasterAddress,
  surroundings: StartSurroundings,
  note: (rank: number, pid: number) => void,
): readonly RankHost[] {
  const { runId, attempt, worldSize } = plan;
  return Array.from({ length: worldSize }, (_, rank) => {
    const world = { rank, localRank: rank, worldSize, localWorldSize: worldSize, groupRank: 0, runId, attempt };
    return startRank(plan, run, world, master, surroundings, note);
  });
}

/** Starts one of them. */
export function startRank(
  plan: RunPlan,
  run: RunDirectory,
  world: World,
  master: MasterAddress,
  surroundings: StartSurroundings,
  note: (rank: number, pid: number) => void,
): RankHost {
  const { rank } = world;
  const isOrdered = (kind: FaultKind): boolean => plan.faults.some((fault) => fault.rank === rank && fault.kind === kind);
  if (isOrdered('no-start')) return forgotten(rank);
  const environment = rankEnvironment(surroundings, run, world, master);
  if (isOrdered('world-size')) environment['WORLD_SIZE'] = String(plan.worldSize + 1);
  const command = builtInRank(run.lastReport(rank), isOrdered('oom') ? [SMALL_HEAP] : []);
  const start = (stdout: StreamTarget, stderr: StreamTarget): RankHost =>
    startProcess(rank, command, environment, { stdin: 'ignore', stdout, stderr });
  const printsHere = rank === 0 && surroundings.primaryOutput === 'inherit';
  const host = startedOrNot(rank, () =>
    printsHere ? start('inherit', 'inherit') : startLogged(surroundings.platform.disk, run, rank, start),
  );
  if (host.pid !== null) note(rank, host.pid);
  return host;
}

function startLogged(disk: Disk, run: RunDirectory, rank: number, start: (stdout: number, stderr: number) => RankHost): RankHost {
  return lend(disk.openAppend(run.stdout(rank)), (stdout) =>
    lend(disk.openAppend(run.stderr(rank)), (stderr) => start(stdout, stderr)),
  );
}

/** The child has a copy of the descriptor: ours is closed at once, whatever happened. */
function lend<T>(file: AppendOnlyFile, start: (descriptor: number) => T): T {
  try {
    return start(file.descriptor);
  } finally {
    file.close();
  }
}

function rankEnvironment(
  { environment, platform }: StartSurroundings,
  run: RunDirectory,
  world: World,
  master: MasterAddress,
): Record<string, string> {
  // Our ranks open no TLS connection, and parsing a certificate bundle would double their start-up time.
  const { NODE_EXTRA_CA_CERTS: _, ...kept } = environment;
  const set = Object.entries(kept).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(set),
    ...environmentOf(world, master),
    [RUN_DIRECTORY_VARIABLE]: run.path,
    [LAUNCHER_PID_VARIABLE]: String(platform.pid),
  };
}

import { join } from 'node:path';
import { LAUNCHER_PID_VARIABLE, RUN_DIRECTORY_VARIABLE, type RunPlan } from '../shared/contracts/run-plan.ts';
import { environmentOf, type MasterAddress } from '../shared/contracts/world.ts';
import type { Disk } from '../shared/platform/disk.ts';
import type { RunDirectory } from '../shared/platform/run-directory.ts';
import type { LaunchSurroundings } from './launch-surroundings.ts';
import { type RankHost, startRank } from './rank-host.ts';

type StartSurroundings = Pick<LaunchSurroundings, 'environment' | 'primaryOutput' | 'platform'>;

/** Starts every rank of a plan, and notes each. Rank 0 alone may print; the others write into the run directory. */
export function startRanks(
  plan: RunPlan,
  run: RunDirectory,
  master: MasterAddress,
  surroundings: StartSurroundings,
  note: (rank: number, pid: number) => void,
): readonly RankHost[] {
  return Array.from({ length: plan.worldSize }, (_, rank) => {
    const environment = rankEnvironment(surroundings, plan, run, rank, master);
    const host =
      rank === 0 && surroundings.primaryOutput === 'inherit'
        ? startRank(rank, environment, 'inherit')
        : startLogged(surroundings.platform.disk, run.logs(rank), rank, environment);
    if (host.pid !== null) note(rank, host.pid);
    return host;
  });
}

function startLogged(disk: Disk, directory: string, rank: number, environment: Record<string, string>): RankHost {
  const stdout = disk.openAppend(join(directory, 'stdout.log'));
  const stderr = disk.openAppend(join(directory, 'stderr.log'));
  const host = startRank(rank, environment, { stdout: stdout.descriptor, stderr: stderr.descriptor });
  stdout.close();
  stderr.close();
  return host;
}

function rankEnvironment(
  { environment, platform }: StartSurroundings,
  { worldSize, runId, attempt }: RunPlan,
  run: RunDirectory,
  rank: number,
  master: MasterAddress,
): Record<string, string> {
  const world = { rank, localRank: rank, worldSize, localWorldSize: worldSize, groupRank: 0, runId, attempt };
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

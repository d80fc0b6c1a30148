import { join } from 'node:path';
import { RUN_DIRECTORY_VARIABLE, type RunPlan } from '../shared/contracts/run-plan.ts';
import { environmentOf, type MasterAddress } from '../shared/contracts/world.ts';
import type { RunDirectory } from '../shared/platform/run-directory.ts';
import { freePort } from './free-port.ts';
import type { LaunchSurroundings } from './launch-surroundings.ts';
import { type RankHost, startRank } from './rank-host.ts';

const MASTER_HOST = '127.0.0.1';

/** Starts every rank of a plan. Rank 0 alone may print; the others write into the run directory. */
export async function startRanks(
  plan: RunPlan,
  run: RunDirectory,
  { environment, primaryOutput }: Pick<LaunchSurroundings, 'environment' | 'primaryOutput'>,
): Promise<readonly RankHost[]> {
  const master = { host: MASTER_HOST, port: await freePort(MASTER_HOST) };
  return Array.from({ length: plan.worldSize }, (_, rank) => {
    const logs = { stdout: join(run.logs(rank), 'stdout.log'), stderr: join(run.logs(rank), 'stderr.log') };
    const output = rank === 0 && primaryOutput === 'inherit' ? 'inherit' : logs;
    return startRank(rank, rankEnvironment(environment, plan, run, rank, master), output);
  });
}

function rankEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  { worldSize, runId, attempt }: RunPlan,
  run: RunDirectory,
  rank: number,
  master: MasterAddress,
): Record<string, string> {
  const world = { rank, localRank: rank, worldSize, localWorldSize: worldSize, groupRank: 0, runId, attempt };
  // Our ranks open no TLS connection, and parsing a certificate bundle would double their start-up time.
  const { NODE_EXTRA_CA_CERTS: _, ...kept } = inherited;
  const set = Object.entries(kept).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(set), ...environmentOf(world, master), [RUN_DIRECTORY_VARIABLE]: run.path };
}

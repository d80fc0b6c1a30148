import type { RunPlan } from '../shared/contracts/run-plan.ts';
import { VERSION } from '../shared/contracts/version.ts';
import type { World } from '../shared/contracts/world.ts';
import { outputUnusable } from '../shared/platform/output-unusable.ts';
import type { Platform } from '../shared/platform/platform.ts';
import { attemptPath, type RunDirectory, runDirectory } from '../shared/platform/run-directory.ts';
import type { LaunchRequest } from './launch-request.ts';
import type { Selection } from './scenario-selection.ts';

/** What the ranks of an attempt are told. */
export const planOf = (
  request: LaunchRequest,
  { runId, attempt }: Pick<World, 'runId' | 'attempt'>,
  outputDir: string,
  { scenarios, faults }: Selection,
): RunPlan => ({
  format: 'ckpt-run-plan',
  version: 1,
  ckptRun: VERSION,
  runId,
  attempt,
  worldSize: request.worldSize,
  outputDir,
  scenarios,
  barrierTimeoutMs: request.barrierTimeoutMs ?? null,
  hardTimeoutMs: request.hardTimeoutMs,
  seed: request.seed,
  faults,
  output: request.output,
});

/** All ranks of a plan, ascending. */
export const everyRank = ({ worldSize }: RunPlan): readonly number[] => Array.from({ length: worldSize }, (_, rank) => rank);

/** Makes the run directory for some of the ranks, and places the plan in it unless somebody else has. */
export function layOut(platform: Platform, plan: RunPlan, ranks: readonly number[]): RunDirectory {
  const { disk } = platform;
  const run = runDirectory(attemptPath(plan.outputDir, plan.runId, plan.attempt));
  try {
    disk.makeDirectory(run.journals);
    disk.makeDirectory(run.barriers);
    for (const rank of ranks) disk.makeDirectory(run.logs(rank));
    placeOnce(platform, run.plan, `${JSON.stringify(plan, null, 2)}\n`);
  } catch (cause) {
    throw outputUnusable(plan.outputDir, cause);
  }
  return run;
}

/**
 * Places a file whole, unless there is one; says whether it did. Barriers place theirs in the same way, so that a file system
 * without hard links is found before a rank starts.
 */
export function placeOnce({ disk, host, pid }: Platform, path: string, content: string): boolean {
  const aside = `${path}.tmp-${host}-${pid}`;
  disk.write(aside, content);
  const isPlaced = disk.linkIfFree(aside, path);
  disk.removeFile(aside);
  return isPlaced;
}

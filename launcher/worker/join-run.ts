import { join, resolve } from 'node:path';
import { CkptError } from '../../shared/contracts/errors.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import { timeLimit } from '../../shared/platform/inspector/time-limit.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { processIdentity } from '../../shared/platform/process-identity.ts';
import { attemptPath, type RunDirectory, runDirectory, STATE_DIRECTORY } from '../../shared/platform/run-directory.ts';
import { temporaryRoot } from '../../shared/platform/temporary-root.ts';
import type { LaunchRequest } from '../launch-request.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { layOut, placeOnce, planOf } from '../lay-out.ts';
import { warning } from '../notices.ts';
import { giveBack } from '../output-directory/giving-back.ts';
import { enterOutputDirectory } from '../output-directory/joined-directory.ts';
import { claimOutputDirectory, type OutputDirectory } from '../output-directory/output-directory.ts';
import type { Selection } from '../scenario-selection.ts';
import { testDirectory } from './directory-test.ts';
import type { Joined, Leaving } from './peers.ts';
import { disagreement } from './plan-agreement.ts';
import type { WorkerPlace } from './worker-place.ts';

/** What a worker is asked for: where the workers meet is known by now. */
export type WorkerRequest = LaunchRequest & { readonly outputDir: string };

/** A run that a worker has joined. */
export interface JoinedRun {
  readonly output: OutputDirectory;
  readonly plan: RunPlan;
  readonly run: RunDirectory;
}

/**
 * Joins the run: the first worker to come writes the plan, all others must have been told the same. The lease on the output
 * directory is rank 0's. Throws CKPT_USAGE, CKPT_RANK_DUPLICATED, and what claiming a directory throws.
 */
export async function joinRun(
  request: WorkerRequest,
  place: WorkerPlace,
  surroundings: LaunchSurroundings,
  selection: Selection,
  onLeaseLost: (error: CkptError) => void,
): Promise<JoinedRun> {
  const { platform, tell } = surroundings;
  const output = await (place.rank === 0
    ? claim(request, place, surroundings, selection, onLeaseLost)
    : enter(request, platform));
  try {
    const plan = planOf(request, place, output.path, selection);
    const run = layOut(platform, plan, [place.rank]);
    platform.disk.makeDirectory(run.workers);
    const facts = testDirectory(platform, output.path, join(run.workers, `test-${place.rank}-${platform.host}-${platform.pid}`));
    const joined: Joined = { rank: place.rank, ...processIdentity(platform), ...facts };
    if (!placeOnce(platform, run.joined(place.rank), JSON.stringify(joined))) throw duplicated(place, run);
    const refusal = disagreement(place.rank, plan, platform.disk.readText(run.plan));
    if (refusal === undefined) return { output, plan, run };
    leaveRun(platform, run, place.rank, REFUSED);
    throw refusal;
  } catch (thrown) {
    await giveBack(output, tell);
    throw thrown;
  }
}

const REFUSED: Leaving = { exit: { exitCode: 2, signal: null, startError: null }, because: null, diagnosis: null };

/** Says how this worker's rank ended. Never throws: who cannot hear it sees it in other ways. */
export function leaveRun(platform: Platform, run: RunDirectory, rank: number, leaving: Leaving): void {
  try {
    placeOnce(platform, run.left(rank), JSON.stringify(leaving));
  } catch {
    // Rank 0 has removed the run directory, or nobody else has come.
  }
}

/**
 * Rank 0 makes the directory, if it comes in time: of two that make what is above it, neither would know all that is to go again.
 */
async function enter({ outputDir }: WorkerRequest, { disk, clock }: Platform): Promise<OutputDirectory> {
  const limit = timeLimit(clock, FIRST_COMES_MS);
  while (limit.leftMs() > 0 && disk.resolveLinks(join(outputDir, STATE_DIRECTORY)) === undefined)
    await limit.pause(LOOK_EVERY_MS);
  return enterOutputDirectory(disk, outputDir);
}

/** Engines start ranks at the same time; a rank that waits longer says that it is there. */
const FIRST_COMES_MS = 2000;
const LOOK_EVERY_MS = 10;

async function claim(
  { outputDir, overwrite }: WorkerRequest,
  { runId, attempt, rank }: WorkerPlace,
  { platform, environment, tell }: LaunchSurroundings,
  { scenarios }: Selection,
  onLeaseLost: (error: CkptError) => void,
): Promise<OutputDirectory> {
  const { disk, uid } = platform;
  try {
    return await claimOutputDirectory(platform, {
      wanted: outputDir,
      temporaryRoot: temporaryRoot(disk, environment, uid),
      overwrite,
      scenarios: scenarios.map(({ name }) => name),
      runId,
      warn: (line) => tell(warning(line)),
      onLeaseLost,
    });
  } catch (thrown) {
    // Those that have come already would wait for this one.
    const run = runDirectory(attemptPath(disk.resolveLinks(outputDir) ?? resolve(outputDir), runId, attempt));
    if (disk.resolveLinks(run.joined(rank)) === undefined) leaveRun(platform, run, rank, REFUSED);
    throw thrown;
  }
}

const duplicated = ({ rank, runId }: WorkerPlace, { path }: RunDirectory): CkptError =>
  new CkptError(`rank ${rank} has joined run ${runId} before: two processes are this rank, or the name is an earlier run's`, {
    code: 'CKPT_RANK_DUPLICATED',
    hint: `Start each rank once, and give each run a --run-id of its own; what was left under this one is in ${path}.`,
    evidence: { rank, runId, path },
  });

import type { CkptError } from '../../shared/contracts/errors.ts';
import { temporaryRoot } from '../../shared/platform/temporary-root.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';
import { claimOutputDirectory, type OutputDirectory } from '../output-directory/output-directory.ts';
import { type NodeFailures, nodeFailures } from './node-failure.ts';
import { type ProgramPlaces, programPlaces, runName } from './program-places.ts';
import type { ProgramRequest } from './program-request.ts';
import { enterSharedRun, joinOutputDirectory, leaveSharedRun } from './shared-run.ts';

/** A directory claimed for a run of a program. */
export interface ProgramClaim {
  readonly output: OutputDirectory;
  readonly places: ProgramPlaces;
  readonly name: string;
  /** Undefined for a single node. */
  readonly nodeFailures: NodeFailures | undefined;
}

/** Claims the output directory, or this node's share of it. */
export async function claimForProgram(
  request: ProgramRequest,
  surroundings: LaunchSurroundings,
  ownId: string,
  onLeaseLost: (error: CkptError) => void,
): Promise<ProgramClaim> {
  const { nodeRank, nodeCount } = request.placement;
  const { disk } = surroundings.platform;
  const name = runName(request, ownId);
  const output =
    nodeRank > 0 && request.outputDir !== undefined
      ? joinOutputDirectory(disk, request.outputDir)
      : await claimAlone(request, surroundings, name, onLeaseLost);
  const places = programPlaces(request, output.path, name);
  if (nodeCount === 1) return { output, places, name, nodeFailures: undefined };
  return {
    output: await shared(surroundings, places.path, nodeRank, output),
    places,
    name,
    nodeFailures: nodeFailures(surroundings, places.path, nodeRank),
  };
}

function claimAlone(
  { outputDir }: ProgramRequest,
  { platform, environment, tell }: LaunchSurroundings,
  name: string,
  onLeaseLost: (error: CkptError) => void,
): Promise<OutputDirectory> {
  return claimOutputDirectory(platform, {
    wanted: outputDir,
    temporaryRoot: temporaryRoot(platform.disk, environment, platform.uid),
    overwrite: false,
    scenarios: [],
    runId: name,
    warn: (line) => tell(warning(line)),
    onLeaseLost,
  });
}

async function shared(
  { platform: { disk } }: LaunchSurroundings,
  path: string,
  node: number,
  output: OutputDirectory,
): Promise<OutputDirectory> {
  try {
    enterSharedRun(disk, path, node);
  } catch (thrown) {
    await output.release();
    throw thrown;
  }
  // The run directory is the last node's to remove.
  return { ...output, clear: () => leaveSharedRun(disk, path, node) };
}

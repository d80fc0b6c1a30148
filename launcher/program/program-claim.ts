import type { CkptError } from '../../shared/contracts/errors.ts';
import { withFreshView } from '../../shared/platform/fresh-view.ts';
import { outputUnusable } from '../../shared/platform/output-unusable.ts';
import { temporaryRoot } from '../../shared/platform/temporary-root.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';
import { clear } from '../output-directory/giving-back.ts';
import { joinOutputDirectory } from '../output-directory/joined-directory.ts';
import { claimOutputDirectory, type OutputDirectory } from '../output-directory/output-directory.ts';
import { type FailureExchange, type NodeOfRun, openFailureExchange } from './failure-exchange.ts';
import { type ProgramPlaces, programPlaces, runName } from './program-places.ts';
import type { ProgramRequest } from './program-request.ts';
import { enterSharedRun, leaveSharedRun } from './shared-run.ts';

/** A directory claimed for a run of a program. */
export interface ProgramClaim {
  readonly output: OutputDirectory;
  readonly places: ProgramPlaces;
  readonly name: string;
  /** Undefined for a single node. */
  readonly exchange: FailureExchange | undefined;
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
  if (nodeCount === 1) return { output, places, name, exchange: undefined };
  return { places, name, ...(await shared(surroundings, request, places.path, output)) };
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
  surroundings: LaunchSurroundings,
  { placement, shutdownTimeoutMs: graceMs }: ProgramRequest,
  runPath: string,
  output: OutputDirectory,
): Promise<Pick<ProgramClaim, 'output' | 'exchange'>> {
  const platform = withFreshView(surroundings.platform, output.path);
  const { disk } = platform;
  const { nodeRank: node, nodeCount } = placement;
  // The run directory is the last node's to remove.
  const share = { ...output, clear: () => leaveSharedRun(disk, runPath, node) };
  try {
    enterSharedRun(disk, runPath, node, placement);
    return { output: share, exchange: openExchange({ ...surroundings, platform }, { runPath, node, nodeCount, graceMs }, share) };
  } catch (thrown) {
    await output.release();
    throw thrown;
  }
}

function openExchange(surroundings: LaunchSurroundings, node: NodeOfRun, share: OutputDirectory): FailureExchange {
  try {
    return openFailureExchange(surroundings, node);
  } catch (cause) {
    clear(share, surroundings.tell);
    throw outputUnusable(node.runPath, cause);
  }
}

import { environmentOf, type MasterAddress, type World } from '../../shared/contracts/world.ts';
import type { NodePlacement } from './program-request.ts';

/** What the environment of one rank depends on. */
export interface RankPlace {
  readonly placement: NodePlacement;
  readonly localRank: number;
  readonly attempt: number;
  readonly maxRestarts: number;
  readonly master: MasterAddress;
  readonly runId: string;
  readonly errorFile: string;
}

/** The launcher's whole environment, with torchrun's variables over it. */
export function programEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  place: RankPlace,
): Readonly<Record<string, string>> {
  const { placement, maxRestarts, master, errorFile } = place;
  const kept = Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    TORCH_NCCL_ASYNC_ERROR_HANDLING: '1',
    ...(placement.localWorldSize > 1 ? { OMP_NUM_THREADS: '1' } : {}),
    ...Object.fromEntries(kept),
    ...environmentOf(worldOf(place), master),
    GROUP_WORLD_SIZE: String(placement.nodeCount),
    ROLE_NAME: placement.role,
    TORCHELASTIC_MAX_RESTARTS: String(maxRestarts),
    TORCHELASTIC_ERROR_FILE: errorFile,
  };
}

const worldOf = ({ placement, localRank, attempt, runId }: RankPlace): World => ({
  rank: placement.nodeRank * placement.localWorldSize + localRank,
  localRank,
  worldSize: placement.nodeCount * placement.localWorldSize,
  localWorldSize: placement.localWorldSize,
  groupRank: placement.nodeRank,
  runId,
  attempt,
});

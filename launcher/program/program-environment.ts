import { environmentOf, type MasterAddress, type World } from '../../shared/contracts/world.ts';
import type { ProgramRequest } from './program-request.ts';

/** One start of one rank. */
export interface RankStart {
  readonly localRank: number;
  /** The request's id, or the run's own. */
  readonly runId: string;
  /** How many times the group has been started before. */
  readonly attempt: number;
  readonly master: MasterAddress;
  /** Where torch's `@record` writes what was raised. */
  readonly errorFile: string;
}

type Asked = Pick<ProgramRequest, 'placement' | 'maxRestarts'>;

/** The environment of a rank of a launched program: the launcher's own, and over it what torchrun gives. Pure. */
export function programEnvironment(
  launchers: Readonly<Record<string, string | undefined>>,
  { placement, maxRestarts }: Asked,
  start: RankStart,
): Record<string, string> {
  const kept = Object.entries(launchers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    TORCH_NCCL_ASYNC_ERROR_HANDLING: '1',
    ...(placement.localWorldSize > 1 ? { OMP_NUM_THREADS: '1' } : {}),
    ...Object.fromEntries(kept),
    ...environmentOf(worldOf(placement, start), start.master),
    GROUP_WORLD_SIZE: String(placement.nodeCount),
    ROLE_NAME: placement.role,
    TORCHELASTIC_MAX_RESTARTS: String(maxRestarts),
    TORCHELASTIC_ERROR_FILE: start.errorFile,
  };
}

/** Ranks are consecutive on each node, and every node has as many. */
const worldOf = (
  { localWorldSize, nodeCount, nodeRank }: ProgramRequest['placement'],
  { localRank, runId, attempt }: RankStart,
): World => ({
  rank: nodeRank * localWorldSize + localRank,
  localRank,
  worldSize: nodeCount * localWorldSize,
  localWorldSize,
  groupRank: nodeRank,
  runId,
  attempt,
});

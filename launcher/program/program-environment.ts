import { environmentOf, type MasterAddress, type World } from '../../shared/contracts/world.ts';
import type { NodePlacement, ProgramRequest } from './program-request.ts';

type Environment = Readonly<Record<string, string | undefined>>;

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

type Asked = Pick<ProgramRequest, 'placement' | 'maxRestarts' | 'signalsToHandle'>;

/** Signals that torchrun handles when nobody says otherwise. */
export const TORCHRUN_SIGNALS: readonly string[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** The environment of a rank of a launched program: the launcher's own, and over it what torchrun gives. Pure. */
export function programEnvironment(launchers: Environment, asked: Asked, start: RankStart): Record<string, string> {
  const { placement, maxRestarts, signalsToHandle = TORCHRUN_SIGNALS } = asked;
  const terms = { groupWorldSize: placement.nodeCount, roleName: placement.role, maxRestarts };
  return {
    TORCH_NCCL_ASYNC_ERROR_HANDLING: '1',
    ...(limitsThreads(launchers, placement) ? { OMP_NUM_THREADS: '1' } : {}),
    ...onlySet(launchers),
    ...environmentOf(worldOf(placement, start), start.master, terms),
    TORCHELASTIC_ERROR_FILE: start.errorFile,
    TORCHELASTIC_SIGNALS_TO_HANDLE: signalsToHandle.join(','),
  };
}

/** Whether ranks are kept from using every core each: several share them, and nobody said how many threads they may have. */
const limitsThreads = (launchers: Environment, { localWorldSize }: NodePlacement): boolean =>
  localWorldSize > 1 && launchers['OMP_NUM_THREADS'] === undefined;

/** Ranks are consecutive on each node, and every node has as many. */
const worldOf = ({ localWorldSize, nodeCount, nodeRank }: NodePlacement, { localRank, runId, attempt }: RankStart): World => ({
  rank: nodeRank * localWorldSize + localRank,
  localRank,
  worldSize: nodeCount * localWorldSize,
  localWorldSize,
  groupRank: nodeRank,
  runId,
  attempt,
});

const onlySet = (environment: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));

import { availableParallelism } from 'node:os';
import { usageError } from '../../shared/contracts/errors.ts';
import { oneOf } from '../../shared/contracts/expectation.ts';
import { parseCount, parseProcesses, parseText } from '../command-line/option-values.ts';
import type { CommandLine } from '../command-line/options.ts';
import { TORCH_DEFAULT_PORT } from '../group/master-address.ts';
import { givenTogether, type ValueReader, valueReader } from '../run-settings.ts';
import type { NodePlacement } from './program-request.ts';
import { parseEndpoint, parseNodes, parsePort } from './program-values.ts';
import { type SlurmNode, slurmNode } from './slurm-nodes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Understands which part of the world this launcher starts, and where rank 0 listens. Where nobody says it, and srun has started
 * a launcher on each of several nodes, Slurm does. Throws CKPT_USAGE.
 */
export function placementOf(line: CommandLine, environment: Environment): NodePlacement {
  const read = valueReader(line);
  const slurm = slurmPlace(line, environment);
  const nodeCount = read('nnodes', parseNodes) ?? slurm?.nodeCount ?? 1;
  const cores = availableParallelism();
  return {
    localWorldSize: read('nproc-per-node', (name, text) => parseProcesses(name, text, cores)) ?? 1,
    nodeCount,
    nodeRank: slurm?.nodeRank ?? nodeRankOf(read, nodeCount),
    role: read('role', parseText) ?? 'default',
    ...(line.isSet('standalone') ? standalone(nodeCount) : meeting(read, nodeCount, slurm)),
  };
}

/** Undefined where the command line says which node this is, or that there is one only. */
export function slurmPlace(line: Pick<CommandLine, 'given' | 'isSet'>, environment: Environment): SlurmNode | undefined {
  const isSaid = (['nnodes', 'node-rank'] as const).some((name) => line.given(name) !== undefined) || line.isSet('standalone');
  const node = isSaid ? undefined : slurmNode(environment);
  return node === undefined ? undefined : { ...node, firstHost: environment['MASTER_ADDR'] || node.firstHost };
}

function nodeRankOf(read: ValueReader, nodeCount: number): number {
  const parse = (name: string, text: string): number => {
    const rank = parseCount(name, text);
    if (rank < nodeCount) return rank;
    throw usageError(`${name}: got ${rank}, expected a whole number below --nnodes ${nodeCount}`);
  };
  return read('node-rank', parse) ?? 0;
}

type Meeting = Pick<NodePlacement, 'masterAddr' | 'masterPort' | 'runId'>;

/** torchrun, too, then ignores whatever else is said about the meeting. */
function standalone(nodeCount: number): Meeting {
  if (nodeCount > 1) throw givenTogether('--standalone', `--nnodes ${nodeCount}`);
  return { masterAddr: undefined, masterPort: undefined, runId: undefined };
}

function meeting(read: ValueReader, nodeCount: number, slurm: SlurmNode | undefined): Meeting {
  read('rdzv-backend', (name, text) => refuseBackEnd(name, text, nodeCount));
  const { host, port } = read('rdzv-endpoint', parseEndpoint) ?? {
    host: read('master-addr', parseText),
    port: read('master-port', parsePort),
  };
  const isShared = nodeCount > 1;
  return {
    masterAddr: host ?? slurm?.firstHost ?? (isShared ? '127.0.0.1' : undefined),
    masterPort: port ?? (isShared ? TORCH_DEFAULT_PORT : undefined),
    runId: read('rdzv-id', parseText) ?? slurm?.runId,
  };
}

function refuseBackEnd(name: string, text: string, nodeCount: number): void {
  const { accepts, words } = nodeCount === 1 ? oneOf('static', 'c10d') : oneOf('static');
  if (accepts(text)) return;
  throw usageError(
    `${name}: got ${JSON.stringify(text)}, expected ${words}`,
    'Nodes find each other by --nnodes, --node-rank, --master-addr and --master-port.',
  );
}

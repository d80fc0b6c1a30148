import { availableParallelism } from 'node:os';
import { usageError } from '../../shared/contracts/errors.ts';
import { oneOf } from '../../shared/contracts/expectation.ts';
import { parseCount, parseProcesses, parseText } from '../command-line/option-values.ts';
import type { CommandLine } from '../command-line/options.ts';
import { TORCH_DEFAULT_PORT } from '../group/master-address.ts';
import { givenTogether, type ValueReader, valueReader } from '../run-settings.ts';
import type { NodePlacement } from './program-request.ts';
import { parseEndpoint, parseNodes, parsePort } from './program-values.ts';

/** Understands which part of the world this launcher starts, and where rank 0 listens. Throws CKPT_USAGE. */
export function placementOf(line: CommandLine): NodePlacement {
  const read = valueReader(line);
  const nodeCount = read('nnodes', parseNodes) ?? 1;
  const cores = availableParallelism();
  return {
    localWorldSize: read('nproc-per-node', (name, text) => parseProcesses(name, text, cores)) ?? 1,
    nodeCount,
    nodeRank: nodeRankOf(read, nodeCount),
    role: read('role', parseText) ?? 'default',
    ...(line.isSet('standalone') ? standalone(nodeCount) : meeting(read, nodeCount)),
  };
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

function meeting(read: ValueReader, nodeCount: number): Meeting {
  read('rdzv-backend', (name, text) => refuseBackEnd(name, text, nodeCount));
  const { host, port } = read('rdzv-endpoint', parseEndpoint) ?? {
    host: read('master-addr', parseText),
    port: read('master-port', parsePort),
  };
  const isShared = nodeCount > 1;
  return {
    masterAddr: host ?? (isShared ? '127.0.0.1' : undefined),
    masterPort: port ?? (isShared ? TORCH_DEFAULT_PORT : undefined),
    runId: read('rdzv-id', parseText),
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

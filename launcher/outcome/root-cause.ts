import { isJsonObject } from '../../shared/contracts/json.ts';
import type { FailureOfNode, RunFailure } from '../../shared/contracts/run-report.ts';

/** Why the ranks of a node ended before their time, as the other nodes of the run are told. */
export interface NodeFailure {
  readonly node: number;
  readonly kind: FailureOfNode['kind'];
  /** Null where no rank was the cause. */
  readonly rank: number | null;
  /** What happened there, in words: "rank 3 exited with code 7". */
  readonly what: string;
  /** Not yet as torchrun has it. */
  readonly exitCode: number;
  /** Whether the rank says that it lost its connection to another, which then was the cause. */
  readonly lostPeer: boolean;
}

/** What is known of the nodes of a failed run. */
export interface NodeRecords {
  /** What the first node to fail said at once. */
  readonly first: NodeFailure;
  /** What nodes said when their ranks had ended: null where nothing failed but what others had told of. */
  readonly settled: ReadonlyMap<number, NodeFailure | null>;
}

/**
 * The failure of which all others came, as far as it is known: the first node's, unless that one only lost its connection and
 * another node failed by itself. Pure, and the same on every node that has the same records.
 */
export function rootCause({ first, settled }: NodeRecords): NodeFailure {
  const own = settled.get(first.node) ?? first;
  if (!own.lostPeer) return own;
  const others = [...settled.values()].filter((failure) => failure !== null).sort((a, b) => a.node - b.node);
  return others.find(({ lostPeer }) => !lostPeer) ?? own;
}

/** Whether nothing that is still to come can change the root cause. */
export function isRootCauseFinal({ first, settled }: NodeRecords, nodeCount: number): boolean {
  const own = settled.get(first.node);
  return settled.size === nodeCount || (own !== undefined && own?.lostPeer !== true);
}

/** The failure of another node as that of the run. */
export const nodeFailed = ({ node, kind, rank, what, exitCode }: NodeFailure): RunFailure => ({
  kind: 'node-failed',
  node,
  cause: kind,
  exitCode,
  error: {
    code: 'CKPT_NODE_FAILED',
    message: `node ${node}: ${what}`,
    hint: `Read what the launcher of node ${node} says.`,
    evidence: { node, rank },
    stack: null,
  },
});

const KINDS: Readonly<Record<NodeFailure['kind'], true>> = {
  ...{ hang: true, 'rank-ended-early': true, 'rank-failed': true, 'rank-killed': true },
  ...{ 'launcher-failed': true, timeout: true, 'lease-lost': true, interrupted: true },
};

/** Whether what stands in a file is one: anybody may have written it. */
export const isNodeFailure = (read: unknown): read is NodeFailure =>
  isJsonObject(read) &&
  typeof read['node'] === 'number' &&
  typeof read['kind'] === 'string' &&
  Object.hasOwn(KINDS, read['kind']) &&
  (read['rank'] === null || typeof read['rank'] === 'number') &&
  typeof read['what'] === 'string' &&
  isExitCodeOfFailure(read['exitCode']) &&
  typeof read['lostPeer'] === 'boolean';

const isExitCodeOfFailure = (code: unknown): boolean => Number.isInteger(code) && Number(code) >= 1 && Number(code) <= 255;

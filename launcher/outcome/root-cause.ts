import type { RunFailure } from '../../shared/contracts/run-report.ts';
import type { NodeFailure } from '../program/node-failure.ts';

/** The failure of another node as that of the run. */
export const nodeFailed = ({ node, rank, what, exitCode }: NodeFailure): RunFailure => ({
  kind: 'node-failed',
  node,
  exitCode,
  error: {
    code: 'CKPT_NODE_FAILED',
    message: `node ${node}: ${what}`,
    hint: `Read what the launcher of node ${node} says.`,
    evidence: { node, rank },
    stack: null,
  },
});

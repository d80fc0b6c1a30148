import type { GroupOutcome, StopReason } from '../group/rank-group.ts';
import type { Blame } from '../outcome/blame.ts';
import { settledFailure } from '../outcome/own-failure.ts';
import type { FailureExchange } from './failure-exchange.ts';

/**
 * Why the run of a node has ended, when the nodes have told each other what became of their ranks: a rank may have failed
 * because of another node's, and one of ours may be to blame although another node's was seen to fail first.
 */
export async function agreedReason(
  exchange: FailureExchange,
  node: number,
  { reason }: GroupOutcome,
  blame: Blame | undefined,
): Promise<StopReason | null> {
  exchange.settle(settledFailure(reason, blame));
  if (reason === null || !('rank' in reason || reason.kind === 'node-failed')) return reason;
  const cause = await exchange.rootCause();
  if (cause === undefined) return reason;
  if (cause.node !== node) return { kind: 'node-failed', failure: cause };
  return reason.kind === 'node-failed' && cause.rank !== null ? { kind: 'rank-failed', rank: cause.rank } : reason;
}

import { expect, test } from 'vitest';
import type { StopReason } from '../../../launcher/group/rank-group.ts';
import { ownFailure } from '../../../launcher/outcome/own-failure.ts';
import type { RankExit } from '../../../launcher/rank-host.ts';

const exit = (rest: Partial<RankExit>): RankExit => ({ exitCode: null, signal: null, startError: null, ...rest });
const error = { code: 'CKPT_INTERNAL', message: 'no such thing', hint: '', evidence: null, stack: null } as const;
const RANK: StopReason = { kind: 'rank-failed', rank: 3 };

test.for<[StopReason, RankExit | undefined, number | null, string, number]>([
  [RANK, exit({ exitCode: 7 }), 3, 'rank 3 exited with code 7', 7],
  [RANK, exit({ signal: 'SIGKILL' }), 3, 'rank 3 was killed by SIGKILL', 137],
  [RANK, exit({ startError: { code: 'ENOENT', message: 'x' } }), 3, 'rank 3 could not be started (x)', 127],
  [{ kind: 'timeout' }, undefined, null, 'its --timeout was over', 124],
  [{ kind: 'interrupted', signal: 'SIGINT' }, undefined, null, 'interrupted by SIGINT', 130],
  [{ kind: 'lease-lost' }, undefined, null, 'the lease on the output directory was lost', 1],
  [{ kind: 'bug', error }, undefined, null, 'its launcher failed: no such thing', 70],
])('of %j, %j the other nodes are told', ([reason, failed, rank, what, exitCode]) => {
  expect(ownFailure(reason, failed, false)).toEqual({ rank, what, exitCode });
});

test("a rank that failed is 1 where torchrun's exit codes are asked for", () => {
  expect(ownFailure(RANK, exit({ exitCode: 7 }), true)).toMatchObject({ exitCode: 1 });
});

test('what another node has told is not told again', () => {
  const failure = { node: 1, rank: null, what: 'x', exitCode: 1 };
  expect(ownFailure({ kind: 'node-failed', failure }, undefined, false)).toBeUndefined();
});

import { expect, test } from 'vitest';
import type { StopReason } from '../../../launcher/group/rank-group.ts';
import type { Blame } from '../../../launcher/outcome/blame.ts';
import { ownFailure, settledFailure } from '../../../launcher/outcome/own-failure.ts';
import type { RankExit } from '../../../launcher/rank-host.ts';

const exit = (rest: Partial<RankExit>): RankExit => ({ exitCode: null, signal: null, startError: null, ...rest });
const error = { code: 'CKPT_INTERNAL', message: 'no such thing', hint: '', evidence: null, stack: null } as const;
const RANK: StopReason = { kind: 'rank-failed', rank: 3 };

test.for<[StopReason, RankExit | undefined, string, number | null, string, number]>([
  [RANK, exit({ exitCode: 7 }), 'rank-failed', 3, 'rank 3 exited with code 7', 7],
  [RANK, exit({ signal: 'SIGKILL' }), 'rank-killed', 3, 'rank 3 was killed by SIGKILL', 137],
  [RANK, exit({ startError: { code: 'ENOENT', message: 'x' } }), 'rank-failed', 3, 'rank 3 could not be started (x)', 127],
  [{ kind: 'timeout' }, undefined, 'timeout', null, 'its --timeout was over', 124],
  [{ kind: 'interrupted', signal: 'SIGINT' }, undefined, 'interrupted', null, 'interrupted by SIGINT', 130],
  [{ kind: 'lease-lost' }, undefined, 'lease-lost', null, 'the lease on the output directory was lost', 1],
  [{ kind: 'bug', error }, undefined, 'launcher-failed', null, 'its launcher failed: no such thing', 70],
])('of %j, %j the other nodes are told', ([reason, failed, kind, rank, what, exitCode]) => {
  expect(ownFailure(reason, failed)).toEqual({ kind, rank, what, exitCode, lostPeer: false });
});

const FAILURE = { node: 1, kind: 'rank-failed', rank: 0, what: 'x', exitCode: 1, lostPeer: true } as const;
const TOLD: StopReason = { kind: 'node-failed', failure: FAILURE };

const blameOn = (rank: number, rest: Partial<RankExit>, sent: Blame['first']['sent'], lostPeer: boolean): Blame => ({
  first: {
    host: { rank, pid: 1, exited: new Promise(() => undefined), signal: () => undefined },
    ...{ ...exit(rest), exitedAtMs: 0, mayHaveObeyed: false, wasStopped: sent.length > 0, sent },
  },
  ...{ lostPeer, uncertain: [], others: [], ended: [] },
});

test('what another node has told is not told again', () => {
  expect([ownFailure(TOLD, undefined), settledFailure(TOLD, undefined), settledFailure(null, undefined)]).toEqual(
    Array(3).fill(undefined),
  );
});

test('in the end the others are told who was to blame, whoever was seen first', () => {
  const seven = { kind: 'rank-failed', rank: 2, what: 'rank 2 exited with code 7', exitCode: 7, lostPeer: false };
  expect(settledFailure(RANK, blameOn(2, { exitCode: 7 }, [], false))).toEqual(seven);
  expect(settledFailure(RANK, blameOn(2, { exitCode: 7 }, [], true))).toEqual({ ...seven, lostPeer: true });
  expect(settledFailure(TOLD, blameOn(2, { exitCode: 7 }, [], false))).toEqual(seven);
  const what = 'rank 2 failed, and was ended by SIGTERM before it had exited';
  expect(settledFailure(TOLD, blameOn(2, { signal: 'SIGTERM' }, ['SIGTERM'], false))).toEqual({ ...seven, what, exitCode: 1 });
});

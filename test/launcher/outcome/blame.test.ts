import { describe, expect, test } from 'vitest';
import type { GroupOutcome, HostOutcome } from '../../../launcher/group/rank-group.ts';
import { type Blame, blameOf } from '../../../launcher/outcome/blame.ts';
import { programExitCode } from '../../../launcher/outcome/program-exit-code.ts';
import { failedOfBarrier, programFailure } from '../../../launcher/outcome/program-failure.ts';
import { programFailureLines } from '../../../launcher/outcome/program-failure-lines.ts';
import { nodeFailed } from '../../../launcher/outcome/root-cause.ts';
import type { AbortedBarrier } from '../../../shared/contracts/barrier.ts';

const outcome = (rank: number, rest: Partial<HostOutcome> = {}): HostOutcome => ({
  host: { rank, pid: 100 + rank, exited: new Promise(() => undefined), signal: () => undefined },
  ...{
    exitCode: null,
    signal: 'SIGTERM',
    startError: null,
    exitedAtMs: 1500,
    wasStopped: true,
    mayHaveObeyed: false,
    sent: ['SIGTERM'],
  },
  ...rest,
});

const NOTHING = { stderr: [], message: undefined };

const FIRST = { exitCode: 7, signal: null, exitedAtMs: 1000, wasStopped: false, sent: [] } as const;

/** The blame in a group of which rank 1 was the first that was seen to fail; what ranks wrote last, by rank. */
function blameFor(others: readonly HostOutcome[], wrote: Readonly<Record<number, string>>): Blame {
  const ranks = [outcome(1, FIRST), ...others];
  const found = blameOf({ ranks, reason: { kind: 'rank-failed', rank: 1 } }, ({ host }) => ({
    stderr: [wrote[host.rank] ?? ''],
    message: undefined,
  }));
  if (found === undefined) throw new Error('nobody is to blame');
  return found;
}

const blame = (...others: readonly HostOutcome[]): Blame => blameFor(others, {});

const numbers = ({ first, uncertain, others, ended }: Blame): object => {
  const ranksOf = (outcomes: readonly HostOutcome[]): readonly number[] => outcomes.map(({ host }) => host.rank);
  return { first: first.host.rank, uncertain: ranksOf(uncertain), others: ranksOf(others), ended: ranksOf(ended) };
};

describe('of the other ranks', () => {
  test.for([
    ['ended by our signal', {}, 'ended'],
    ['that exits in its own way when it is told to', { exitCode: 143, signal: null, exitedAtMs: 1200 }, 'ended'],
    ['killed by us when the grace was over', { signal: 'SIGKILL', sent: ['SIGTERM', 'SIGKILL'] }, 'ended'],
    ['killed by somebody else', { signal: 'SIGKILL' }, 'others'],
    ['that crashes while it ends', { signal: 'SIGSEGV' }, 'others'],
    ['that fails at nearly the same time', { exitCode: 8, signal: null, exitedAtMs: 1009 }, 'uncertain'],
    [
      'that may have exited because it was told to',
      { exitCode: 8, signal: null, exitedAtMs: 1009, mayHaveObeyed: true },
      'ended',
    ],
    ['that crashes at nearly the same time', { signal: 'SIGABRT', exitedAtMs: 1009 }, 'uncertain'],
    ['that our signal ends at once', { exitedAtMs: 1002 }, 'ended'],
    ['that comes to its end although it is told to end', { exitCode: 0, signal: null, exitedAtMs: 1002 }, 'ended'],
    ['that had come to its end', { exitCode: 0, signal: null, exitedAtMs: 900, wasStopped: false }, 'nothing'],
  ] as const)('one %s is listed under %s', ([, rest, place]) => {
    const found = numbers(blame(outcome(0, rest)));
    expect(found).toEqual({ first: 1, uncertain: [], others: [], ended: [], ...(place === 'nothing' ? {} : { [place]: [0] }) });
  });
});

describe('a rank that lost its connection to another', () => {
  const CLOSE = { exitCode: 8, signal: null, exitedAtMs: 1009 };
  const LATE = { exitCode: 8, signal: null, exitedAtMs: 1900 };
  const OWN = 'Traceback (most recent call last):';
  const LOST = 'RuntimeError: [pair.cc:598] Connection closed by peer [127.0.0.1]:50816';

  test.for([
    ['has not failed first, where another failed too close to tell', CLOSE, { 1: LOST }, { first: 0, ended: [1] }],
    ['is not told as a failure of its own', CLOSE, { 0: LOST }, { first: 1, ended: [0] }],
    ['nor when that kills it later', { signal: 'SIGABRT' }, { 0: 'ncclRemoteError: A call failed' }, { first: 1, ended: [0] }],
    ['has failed first, where it was the only one', {}, { 1: LOST }, { first: 1, ended: [0], lostPeer: true }],
    ['has failed first, where the other failed later', { signal: 'SIGSEGV' }, { 1: LOST }, { others: [0], lostPeer: true }],
    ['may have failed first, where all did', CLOSE, { 0: LOST, 1: LOST }, { uncertain: [0], lostPeer: true }],
    ['has not, where one with a traceback took longer', LATE, { 1: LOST, 0: OWN }, { first: 0, ended: [1] }],
    ['nor where our signal ended that one meanwhile', {}, { 1: LOST, 0: OWN }, { first: 0, ended: [1] }],
    ['has, where that one lost its peer too', LATE, { 1: LOST, 0: `${OWN} ${LOST}` }, { first: 1, ended: [0], lostPeer: true }],
  ] as const)('%s', ([, other, wrote, expected]) => {
    const found = blameFor([outcome(0, other)], wrote);
    const nobody = { first: 1, uncertain: [], others: [], ended: [], lostPeer: false };
    expect({ ...numbers(found), lostPeer: found.lostPeer }).toEqual({ ...nobody, ...expected });
  });

  test('leads to the others where it is the root cause', () => {
    const found = blameFor([], { 1: 'BrokenPipeError: [Errno 32] Broken pipe' });
    const failure = programFailure({ ...EVIDENCE, reason: { kind: 'rank-failed', rank: 1 }, blame: found });
    expect(failure).toMatchObject({ error: { hint: expect.stringMatching(/^Read what the other ranks wrote/) } });
  });
});

describe('when another node has told of a rank, one of ours is to blame', () => {
  const failure = { node: 1, kind: 'rank-failed', rank: 3, what: '', exitCode: 8, lostPeer: true } as const;
  const ranks = [outcome(0), outcome(1)];
  test.for([
    ['if it says itself that it failed', { stderr: [], message: 'RuntimeError: no such tensor' }, 1],
    ['but not if it says that it lost its peer', { stderr: [], message: 'RuntimeError: Connection closed by peer' }, undefined],
    ['but not if it says nothing', NOTHING, undefined],
  ] as const)('%s', ([, said, rank]) => {
    const found = blameOf({ ranks, reason: { kind: 'node-failed', failure } }, ({ host }) => (host.rank === 1 ? said : NOTHING));
    expect(found?.first.host.rank).toBe(rank);
  });
});

test('nobody is to blame for what a rank did not begin', () => {
  expect(blameOf({ ranks: [], reason: { kind: 'timeout' } }, () => NOTHING)).toBeUndefined();
  expect(blameOf({ ranks: [], reason: null }, () => NOTHING)).toBeUndefined();
});

const EVIDENCE = { message: 'RuntimeError: no\nsuch tensor', logs: '/run/1', lastedMs: 2345, oomKills: 0, timeoutMs: undefined };

const ABORTED: AbortedBarrier = {
  ...{ sequence: 3, name: 'save', outcome: 'abort', reason: 'timeout', decidedBy: 1, timeoutMs: 500 },
  ...{ arrived: [1, 2], missing: [0], arrivals: [] },
};

describe('who fails after a barrier was given up to which it had come', () => {
  const TOLD = 'barrier #3 "save" timed out after 0.5 s: missing rank 0 (arrived: ranks 1,2)';
  test.for([
    ['is a victim by its exit code', 1, 124, [], true],
    ['and by what it says', 1, 1, ['Traceback (most recent call last):', `ckpt_run.CkptError: ${TOLD}`], true],
    ['and by that before its code', 2, 1, [`CkptError: ${TOLD}`, '    at /home/me/rank.mjs:4', "  code: 'X'"], true],
    ['but not with a code of its own', 1, 7, [`ckpt-run: ${TOLD}`], false],
    ['nor with an error of its own', 1, 1, [TOLD, 'Traceback (most recent call last):', 'ValueError: bad'], false],
    ['nor if it says nothing of it', 1, 1, ['segmentation'], false],
    ['nor if it had not come', 0, 124, [TOLD], false],
  ] as const)('%s', ([, rank, exitCode, stderr, expected]) => {
    const failed = outcome(rank, { exitCode, signal: null });
    expect(failedOfBarrier(ABORTED, failed, { stderr, message: undefined })).toBe(expected);
  });

  test('leaves the name of those that had not', () => {
    const found = programFailure({ ...EVIDENCE, reason: { kind: 'rank-failed', rank: 1 }, blame: undefined, aborted: ABORTED });
    expect(found).toMatchObject({ kind: 'hang', barrier: { missing: [0] }, error: { code: 'CKPT_BARRIER_TIMEOUT' } });
    expect([false, true].map((likeTorchrun) => programExitCode(found, undefined, likeTorchrun))).toEqual([124, 1]);
  });
});

describe('a rank that exited with 0 before its peers lost their connection to it in a collective', () => {
  const GLOO = '[./gloo/transport/tcp/pair.cc:598] Connection closed by peer [127.0.0.1]:39615';
  const gone = outcome(0, { exitCode: 0, signal: null, wasStopped: false, exitedAtMs: 500 });
  test('is to blame, and they are not', () => {
    const found = blameFor([gone, outcome(2)], { 1: GLOO });
    expect([found.first.host.rank, found.ended.map(({ host }) => host.rank)]).toEqual([0, [1, 2]]);
    const failure = programFailure({ ...EVIDENCE, reason: { kind: 'rank-failed', rank: 1 }, blame: found });
    expect(failure).toMatchObject({ kind: 'rank-ended-early', rank: 0, error: { code: 'CKPT_RANK_ENDED_EARLY' } });
  });
  test('is not, where a log has lost its reader', () => {
    expect(blameFor([gone], { 1: 'BrokenPipeError: [Errno 32] Broken pipe' }).first.host.rank).toBe(1);
  });
  test('is not, where most have exited with 0', () => {
    const also = outcome(2, { exitCode: 0, signal: null, wasStopped: false, exitedAtMs: 600 });
    expect(blameFor([gone, also], { 1: GLOO }).first.host.rank).toBe(1);
  });
});

test('a failure is told with all that is known of it', () => {
  const found = blame(outcome(0), outcome(2, { exitCode: 8, signal: null, exitedAtMs: 1004 }), outcome(3, { signal: 'SIGSEGV' }));
  const failure = programFailure({ ...EVIDENCE, reason: { kind: 'rank-failed', rank: 1 }, blame: found });
  const details = {
    title: 'train.py',
    blame: found,
    outcome: { ranks: [], reason: null },
    stderrTail: ['a line', 'another'],
    ...EVIDENCE,
  };
  expect(programFailureLines(failure, details)).toEqual([
    'ckpt-run: train.py: rank 1 exited with code 7 after 2.35 s  [CKPT_RANK_FAILED]',
    '    message:  RuntimeError: no',
    '              such tensor',
    '    stderr:',
    '      a line',
    '      another',
    '    also:     rank 2 exited with code 8, less than 10 ms apart: which was first is uncertain',
    '    also:     rank 3 was killed by SIGSEGV, 500 ms later',
    '    ended:    rank 0, because of that',
    '    logs:     /run/1',
    '    fix:      Read what the rank wrote to its standard error.',
  ]);
});

describe('when another node was the first to fail, our ranks', () => {
  const failure = nodeFailed({
    ...{ node: 1, kind: 'rank-failed', rank: 3, what: 'rank 3 exited with code 7', exitCode: 7, lostPeer: false },
  });
  const linesOf = (group: GroupOutcome): readonly string[] =>
    programFailureLines(failure, {
      ...{ title: 'train.py', blame: blameOf(group, () => NOTHING), outcome: group },
      ...{ message: undefined, stderrTail: [], logs: undefined },
    });

  test.for<[string, GroupOutcome, readonly string[]]>([
    [
      'were ended',
      { ranks: [outcome(0), outcome(1)], reason: { kind: 'timeout' } },
      ['    ended:    ranks 0,1, because of that'],
    ],
    [
      'failed after it',
      { ranks: [outcome(0), outcome(1, FIRST)], reason: { kind: 'rank-failed', rank: 1 } },
      ['    also:     rank 1 exited with code 7, after that', '    ended:    rank 0, because of that'],
    ],
  ])('%s', ([, group, company]) => {
    expect(linesOf(group)).toEqual([
      'ckpt-run: train.py: node 1: rank 3 exited with code 7  [CKPT_NODE_FAILED]',
      ...company,
      '    fix:      Read what the launcher of node 1 says.',
    ]);
  });
});

test.for([
  [0, 'SIGKILL', 'rank 1 was killed by SIGKILL after 2.35 s'],
  [2, 'SIGKILL', 'rank 1 was killed by SIGKILL after 2.35 s; the kernel killed 2 here for want of memory meanwhile'],
  [2, 'SIGSEGV', 'rank 1 was killed by SIGSEGV after 2.35 s'],
] as const)('with %i kills for want of memory, %s is "%s"', ([oomKills, signal, message]) => {
  const found = { ...blame(), first: outcome(1, { ...FIRST, exitCode: null, signal }) };
  const failure = programFailure({ ...EVIDENCE, reason: { kind: 'rank-failed', rank: 1 }, blame: found, oomKills });
  expect(failure).toMatchObject({ kind: 'rank-killed', signal, error: { message, evidence: { oomKills } } });
});

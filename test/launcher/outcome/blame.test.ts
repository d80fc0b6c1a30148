import { describe, expect, test } from 'vitest';
import type { GroupOutcome, HostOutcome } from '../../../launcher/group/rank-group.ts';
import { type Blame, blameOf } from '../../../launcher/outcome/blame.ts';
import { nodeFailed } from '../../../launcher/outcome/node-failure.ts';
import { programFailure } from '../../../launcher/outcome/program-failure.ts';
import { programFailureLines } from '../../../launcher/outcome/program-failure-lines.ts';

const outcome = (rank: number, rest: Partial<HostOutcome> = {}): HostOutcome => ({
  host: { rank, pid: 100 + rank, exited: new Promise(() => undefined), signal: () => undefined },
  ...{ exitCode: null, signal: 'SIGTERM', startError: null, exitedAtMs: 1500, wasStopped: true, sent: ['SIGTERM'] },
  ...rest,
});

const FIRST = { exitCode: 7, signal: null, exitedAtMs: 1000, wasStopped: false, sent: [] } as const;

/** The blame in a group of which rank 1 failed first. */
function blame(...others: readonly HostOutcome[]): Blame {
  const ranks = [outcome(1, FIRST), ...others];
  const found = blameOf({ ranks, reason: { kind: 'rank-failed', rank: 1 } });
  if (found === undefined) throw new Error('nobody is to blame');
  return found;
}

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
    ['that crashes at nearly the same time', { signal: 'SIGABRT', exitedAtMs: 1009 }, 'uncertain'],
    ['that our signal ends at once', { exitedAtMs: 1002 }, 'ended'],
    ['that comes to its end although it is told to end', { exitCode: 0, signal: null, exitedAtMs: 1002 }, 'ended'],
    ['that had come to its end', { exitCode: 0, signal: null, exitedAtMs: 900, wasStopped: false }, 'nothing'],
  ] as const)('one %s is listed under %s', ([, rest, place]) => {
    const found = numbers(blame(outcome(0, rest)));
    expect(found).toEqual({ first: 1, uncertain: [], others: [], ended: [], ...(place === 'nothing' ? {} : { [place]: [0] }) });
  });
});

test('nobody is to blame for what a rank did not begin', () => {
  expect(blameOf({ ranks: [], reason: { kind: 'timeout' } })).toBeUndefined();
  expect(blameOf({ ranks: [], reason: null })).toBeUndefined();
});

const EVIDENCE = { message: 'RuntimeError: no\nsuch tensor', logs: '/run/1', lastedMs: 2345, oomKills: 0, timeoutMs: undefined };

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
  const failure = nodeFailed({ node: 1, rank: 3, what: 'rank 3 exited with code 7', exitCode: 7 });
  const linesOf = (group: GroupOutcome): readonly string[] =>
    programFailureLines(failure, {
      ...{ title: 'train.py', blame: undefined, outcome: group, message: undefined, stderrTail: [], logs: undefined },
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

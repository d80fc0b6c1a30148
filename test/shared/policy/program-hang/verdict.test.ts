import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProgramHangClass, ProgramRankLook } from '../../../../shared/contracts/program-hang.ts';
import type { SeenStacks, StackFrame } from '../../../../shared/contracts/stacks.ts';
import { classesOf, hasMoved, staysInOneFunction } from '../../../../shared/policy/program-hang/rank-doing.ts';
import { diagnoseProgram } from '../../../../shared/policy/program-hang/verdict.ts';

const TORCH = '/usr/lib/python3/dist-packages/torch/distributed/distributed_c10d.py';

const frame = (functionName: string, line: number, file = '/home/me/train.py'): StackFrame => ({ functionName, line, file });
const stacks = (...frames: readonly StackFrame[]): SeenStacks => ({
  ...{ source: 'faulthandler', atMs: 0 },
  threads: [{ name: null, isMain: true, frames }],
});
const twice = (seen: SeenStacks): ProgramRankLook['stacks'] => [seen, seen];
const inCollective = (name: string, line = 51): Partial<ProgramRankLook> => ({
  stacks: twice(stacks(frame(name, 1541, TORCH), frame('main', line), frame('<module>', 60))),
});
const NOT_SEEN = { notSeen: 'it did not answer in time' };
const IN_LOAD = { stacks: twice(stacks(frame('load_batch', 10), frame('main', 44))) };
const WAITS = inCollective('all_reduce');
const STOPPED = { moment: { state: 'T', call: null }, stacks: twice({ notSeen: 'it is stopped' }) };
const ENDED = { end: { exitCode: 0, signal: null }, stacks: twice({ notSeen: 'it has no process' }) };
const FIFO = { moment: { state: 'S', call: { name: 'openat', path: '/tmp/fifo' } }, stacks: twice(NOT_SEEN) };
const POLLS = { moment: { state: 'S', call: { name: 'clock_nanosleep', path: null } }, stacks: twice(NOT_SEEN) };
const HIDDEN = { moment: { state: 'S', call: { name: 'futex', path: null } }, stacks: twice(NOT_SEEN) };

const looks = (...changes: readonly Partial<ProgramRankLook>[]): readonly ProgramRankLook[] =>
  changes.map((change, rank) => ({
    ...{
      rank,
      pid: 100 + rank,
      end: null,
      moment: { state: 'S', call: null },
      stacks: twice(NOT_SEEN),
      children: [],
      barrier: null,
    },
    ...change,
  }));

type Expected = readonly [ProgramHangClass, readonly number[], string, number?] | 'unknown';

describe('who keeps a program', () => {
  const CASES: readonly (readonly [string, readonly Partial<ProgramRankLook>[], Expected])[] = [
    ['a rank that is not in the collective of the others', [WAITS, IN_LOAD, WAITS], ['elsewhere', [1], 'high', 10]],
    ['the same of two', [IN_LOAD, WAITS], ['elsewhere', [0], 'high', 10]],
    ['most are elsewhere', [IN_LOAD, WAITS, IN_LOAD], ['elsewhere', [0, 2], 'low', 10]],
    ['one beside another that is not seen', [WAITS, IN_LOAD, HIDDEN, WAITS], ['elsewhere', [1], 'medium', 10]],
    ['one beside another that polls unseen', [POLLS, WAITS, IN_LOAD, WAITS], ['elsewhere', [2], 'medium', 10]],
    ['a rank that ended', [WAITS, ENDED, WAITS], ['ended-early', [1], 'high']],
    ['a rank that is stopped', [WAITS, WAITS, STOPPED], ['stopped', [2], 'high']],
    ['a rank in a call with a path', [WAITS, FIFO, WAITS], ['in-kernel', [1], 'medium']],
    ['another collective', [WAITS, WAITS, inCollective('barrier', 46)], ['disagreement', [2], 'high', 46]],
    ['another collective of two', [WAITS, inCollective('barrier', 46)], ['disagreement', [0, 1], 'medium']],
    ['the same collective at another line', [WAITS, WAITS, inCollective('all_reduce', 48)], ['disagreement', [2], 'medium', 48]],
    ['a barrier of ours', [{ barrier: 'end' }, IN_LOAD, { barrier: 'end' }], ['elsewhere', [1], 'high', 10]],
    ['who does not come to where the others wait for the store', [POLLS, POLLS, IN_LOAD], ['elsewhere', [2], 'low', 10]],
    ['all in one collective', [WAITS, WAITS], 'unknown'],
    ['a rank alone in a collective', [WAITS], 'unknown'],
    ['nobody is in a collective', [IN_LOAD, IN_LOAD], 'unknown'],
    ['of whom nobody saw anything', [WAITS, HIDDEN], 'unknown'],
    ['most work, and few poll', [IN_LOAD, IN_LOAD, POLLS], 'unknown'],
    ['one ended, and nobody waits', [ENDED, IN_LOAD], 'unknown'],
  ];
  test.for(CASES)('%s', ([, given, expected]) => {
    const { verdict } = diagnoseProgram(looks(...given), 3000);
    if (expected === 'unknown') expect(verdict.class).toBe('unknown');
    else {
      const [kind, ranks, confidence, line] = expected;
      expect(verdict).toMatchObject({ class: kind, ranks, confidence, place: line === undefined ? null : { line } });
    }
  });
});

test('ranks that do the same are one class, and what was not seen is said once', () => {
  const { classes, notSeen } = diagnoseProgram(looks(WAITS, HIDDEN, WAITS, HIDDEN), 3000);
  expect(classes.map(({ ranks, says }) => [ranks, says])).toEqual([
    [[0, 2], 'all_reduce … main /home/me/train.py:51'],
    [[1, 3], 'in the call futex, state S'],
  ]);
  expect(notSeen).toEqual(['stacks of ranks 1,3: it did not answer in time']);
});

test('the backward pass waits for the others, a call of torch that does not is no collective', () => {
  const autograd = '/usr/lib/python3/dist-packages/torch/autograd/__init__.py';
  const nn = '/usr/lib/python3/dist-packages/torch/nn/functional.py';
  const [backward, linear] = classesOf(
    looks(
      { stacks: twice(stacks(frame('backward', 197, autograd), frame('step', 20))) },
      { stacks: twice(stacks(frame('linear', 114, nn), frame('step', 19))) },
    ),
  );
  expect([backward, linear]).toMatchObject([
    { isCollective: true, says: 'backward … step /home/me/train.py:20' },
    { isCollective: false, says: 'linear … step /home/me/train.py:19' },
  ]);
});

test('a rank has moved when it is in other frames; in another line of one function it may loop', () => {
  const between = (first: SeenStacks, last: SeenStacks): readonly boolean[] =>
    looks({ stacks: [first, last] }).flatMap((look) => [hasMoved(look), staysInOneFunction(look)]);
  const at = (line: number): SeenStacks => stacks(frame('spin', line), frame('main', 44));
  expect(between(at(12), at(12))).toEqual([false, true]);
  expect(between(at(12), at(13))).toEqual([true, true]);
  expect(between(at(12), stacks(frame('other', 12), frame('main', 44)))).toEqual([true, false]);
  expect(between(at(12), stacks(frame('spin', 12), frame('main', 45)))).toEqual([true, false]);
  expect(between(at(12), NOT_SEEN)).toEqual([false, false]);
});

test('nobody is named who is in a collective, or has not been seen, while another is not in it', () => {
  const any = fc.constantFrom(WAITS, IN_LOAD, HIDDEN, FIFO, POLLS, inCollective('all_reduce'));
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 9 }), (given) => {
      const { verdict, classes } = diagnoseProgram(looks(...given), 3000);
      expect(classes.flatMap(({ ranks }) => ranks).toSorted((a, b) => a - b)).toEqual(given.map((_, rank) => rank));
      if (verdict.class === 'unknown') return;
      for (const rank of verdict.ranks) expect([IN_LOAD, FIFO]).toContain(given[rank]);
    }),
  );
});

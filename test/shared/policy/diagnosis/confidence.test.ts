import { expect, test } from 'vitest';
import { diagnose } from '../../../../shared/policy/diagnosis/index.ts';
import { hangOf, idleIn, moving, processes, verdictOn } from './hang-evidence.ts';

test('an await is not surely stuck where a child process lives whose bytes cannot be seen', () => {
  const child = { pid: 99, command: 'aws s3 cp' };
  const rank = { loop: idleIn('callback x') };
  const seen = verdictOn({ missing: { 2: { ...rank, processes: processes({ children: [child] }) } } });
  expect(seen).toMatchObject({ class: 'stuck-await', confidence: 'high' });
  expect(seen.evidence[0]).toContain(', beside its child process 99: aws s3 cp');
  const unseen = verdictOn({ missing: { 2: { ...rank, processes: processes({ children: [child], isWhole: false }) } } });
  expect(unseen).toMatchObject({ class: 'stuck-await', confidence: 'medium' });
});

test('progress that only the waiting ranks saw is not as sure as progress during the looks', () => {
  const loop = idleIn('callback x');
  expect(verdictOn({ missing: { 2: { gotOnAgoMs: 400, loop } } })).toMatchObject({
    ...{ class: 'straggler', ranks: [2], confidence: 'medium' },
    evidence: [expect.stringContaining('it got on 400 ms before the barrier was given up')],
  });
  expect(verdictOn({ missing: { 2: { processes: moving(1 << 20), gotOnAgoMs: 400, loop } } })).toMatchObject({
    confidence: 'high',
  });
});

test('an event loop that answers and works is neither called idle nor surely stuck', () => {
  const loop = idleIn('callback x');
  const { verdict, states } = diagnose(hangOf({ missing: { 2: { loop, processes: moving(0, 240) } } }));
  expect(verdict).toMatchObject({ class: 'stuck-await', ranks: [2], confidence: 'medium' });
  expect(verdict.says).toBe('rank 2 lives, but awaits something that does not come, in callback x');
  expect(verdict.evidence[0]).toContain(', 60 % CPU');
  expect(states.find(({ ranks }) => ranks.includes(2))?.state).toBe('is busy in callback x');
});

test('who is idle beside a rank that gets on may wait for that one', () => {
  const idle = { loop: idleIn('callback x') };
  const verdict = verdictOn({ missing: { 1: idle, 2: { ...idle, processes: moving(1 << 20) } } });
  expect(verdict).toMatchObject({ class: 'stuck-await', ranks: [1], confidence: 'low' });
});

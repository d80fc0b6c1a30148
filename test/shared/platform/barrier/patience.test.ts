import { expect, test } from 'vitest';
import { Patience } from '../../../../shared/platform/barrier/patience.ts';

/** A wait since 0 with a time-out of 100 and a hard one of 1000, and what each rank has reached. */
function wait(): { readonly reached: number[]; readonly patience: Patience } {
  const reached = [0, 0, 0];
  const progress = { of: (rank: number) => reached[rank] ?? 0 };
  return { reached, patience: new Patience({ startedAtMs: 0, quietMs: 100, hardMs: 1000, progress }) };
}

test('what was done before the first look is no progress', () => {
  const { reached, patience } = wait();
  reached[1] = 7;
  patience.look([1], 50);
  expect([patience.deadlineMs(), patience.limitMs(), patience.gettingOn(50)]).toEqual([100, 100, []]);
});

test('a rank that gets on has its time from there', () => {
  const { reached, patience } = wait();
  patience.look([1], 50);
  reached[1] = 1;
  patience.look([1], 90);
  patience.look([1], 95);
  expect([patience.deadlineMs(), patience.limitMs()]).toEqual([190, 100]);
  expect(patience.gettingOn(100)).toEqual([{ rank: 1, agoMs: 10 }]);
  expect(patience.gettingOn(190)).toEqual([]);
});

test('one that gets on does not hide another one that does not', () => {
  const { reached, patience } = wait();
  for (const atMs of [50, 99]) {
    reached[2] = atMs;
    patience.look([1, 2], atMs);
  }
  expect(patience.deadlineMs()).toBe(100);
  expect(patience.gettingOn(100)).toEqual([{ rank: 2, agoMs: 1 }]);
});

test('one that got on and arrives hands on to the others, and one that did not does not', () => {
  const { reached, patience } = wait();
  for (const atMs of [50, 90]) {
    reached[2] = atMs;
    patience.look([0, 1, 2], atMs);
  }
  patience.look([0, 1], 95);
  expect(patience.deadlineMs()).toBe(195);
  patience.look([1], 99);
  expect(patience.deadlineMs()).toBe(195);
});

test('the hard time-out is the end, for all that get on', () => {
  const { reached, patience } = wait();
  for (let atMs = 50; atMs < 1000; atMs += 50) {
    reached[1] = atMs;
    patience.look([1], atMs);
  }
  expect([patience.deadlineMs(), patience.limitMs()]).toEqual([1000, 1000]);
});

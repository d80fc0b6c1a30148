import { expect, test } from 'vitest';
import { beforeDeadline, startDeadline } from '../../launcher/deadline.ts';
import type { Clock } from '../../shared/platform/clock.ts';

/** A clock that stands still until it is moved. */
function stoppedClock(): Clock & { move(byMs: number): void; readonly pending: () => number } {
  let nowMs = 1000;
  const timers = new Map<() => void, number>();
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    every: () => undefined,
    after: (delayMs, callback) => {
      timers.set(callback, nowMs + delayMs);
      return () => timers.delete(callback);
    },
    move: (byMs) => {
      nowMs += byMs;
      for (const [callback, atMs] of timers) if (atMs <= nowMs && timers.delete(callback)) callback();
    },
    pending: () => timers.size,
  };
}

test('a deadline counts from its start, whoever asks when', () => {
  const clock = stoppedClock();
  const deadline = startDeadline(clock, 100);
  const over: string[] = [];
  deadline(() => over.push('asked at 0'));
  clock.move(60);
  deadline(() => over.push('asked at 60'));
  deadline(() => over.push('cancelled'))();
  clock.move(39);
  expect(over).toEqual([]);
  clock.move(1);
  expect(over).toEqual(['asked at 0', 'asked at 60']);
});

test('a deadline that is over already calls back at once', () => {
  const clock = stoppedClock();
  const deadline = startDeadline(clock, 100);
  clock.move(500);
  const over: string[] = [];
  deadline(() => over.push('over'));
  clock.move(0);
  expect(over).toEqual(['over']);
});

test('without a time nothing is ever over', () => {
  const clock = stoppedClock();
  startDeadline(clock, undefined)(() => expect.fail());
  clock.move(Number.MAX_SAFE_INTEGER);
  expect(clock.pending()).toBe(0);
});

test('work before the deadline gives its result, or its own error, and leaves no timer', async () => {
  const clock = stoppedClock();
  const deadline = startDeadline(clock, 100);
  await expect(beforeDeadline(deadline, Promise.resolve('done'), new Error('late'))).resolves.toBe('done');
  await expect(beforeDeadline(deadline, Promise.reject(new RangeError('own')), new Error('late'))).rejects.toThrow('own');
  expect(clock.pending()).toBe(0);
});

test('work that is not done at the deadline is given up', async () => {
  const clock = stoppedClock();
  const given = beforeDeadline(startDeadline(clock, 100), new Promise(() => undefined), new Error('late'));
  clock.move(100);
  await expect(given).rejects.toThrow('late');
});

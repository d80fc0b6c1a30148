import { expect, test } from 'vitest';
import { Lookout } from '../../../../shared/platform/barrier/barrier-wait.ts';
import type { Clock } from '../../../../shared/platform/clock.ts';
import { nodeDisk } from '../../../../shared/platform/disk.ts';

test('a look that was a little too early is made again soon, also when the deadline passes before the next pause', async () => {
  const pauses: number[] = [];
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    // As timers do: a fraction of a millisecond too early.
    after: (delayMs, callback) => {
      pauses.push(delayMs);
      nowMs += delayMs - 0.5;
      queueMicrotask(callback);
      return () => undefined;
    },
    every: () => undefined,
  };
  const lookout = new Lookout({ ...nodeDisk, watch: () => ({ close: () => undefined }) }, clock, '/nowhere', 2);
  const late = await lookout.until(
    'decision',
    () => 2000,
    () => {
      const seenAtMs = nowMs;
      if (nowMs > 1990) nowMs += 1;
      return seenAtMs >= 2000 ? seenAtMs - 2000 : undefined;
    },
  );
  expect(late).toBeLessThan(100);
  expect(pauses.some((pauseMs) => pauseMs > 500)).toBe(true);
});

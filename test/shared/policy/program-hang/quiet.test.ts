import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Activity,
  isRecordedBeside,
  QUIET_BYTES,
  type Quiet,
  quietAfter,
  quietBeyondLook,
} from '../../../../shared/policy/program-hang/quiet.ts';

const at = (atMs: number, recorded: readonly number[], transferred: readonly number[]): Activity => ({
  atMs,
  recordedBytes: recorded,
  transferredBytes: transferred,
});

const after = (...activities: readonly Activity[]): number | undefined =>
  activities.reduce<Quiet | undefined>((quiet, now) => quietAfter(quiet, now), undefined)?.since.atMs;

test('quiet begins with the first look, and lasts while nothing is printed and little is transferred', () => {
  expect(after(at(0, [5, 5], [100, 100]))).toBe(0);
  expect(after(at(0, [5, 5], [100, 100]), at(9, [5, 5], [100 + QUIET_BYTES - 1, 100]))).toBe(0);
});

test('one byte that a rank prints, or 64 KiB that one transfers, ends it', () => {
  expect(after(at(0, [5, 5], [0, 0]), at(9, [5, 6], [0, 0]))).toBe(9);
  expect(after(at(0, [5, 5], [0, 0]), at(9, [5, 5], [0, QUIET_BYTES]))).toBe(9);
});

test('what many ranks transfer together is not much of any', () => {
  expect(after(at(0, [0, 0], [0, 0]), at(9, [0, 0], [QUIET_BYTES - 1, QUIET_BYTES - 1]))).toBe(0);
});

test('what a look makes ranks write is no sign of life, and quiet goes on', () => {
  const quiet = quietBeyondLook({ since: at(0, [5], [0]) }, at(4000, [24], [10 * QUIET_BYTES]));
  expect(quietAfter(quiet, at(5000, [24], [10 * QUIET_BYTES])).since.atMs).toBe(0);
  expect(quietAfter(quiet, at(5000, [25], [10 * QUIET_BYTES])).since.atMs).toBe(5000);
});

test('what Node prints when it is looked at is not printed by itself', () => {
  const line = 'Debugger attached.\n'.length;
  const before = at(0, [100, 100], [0, 0]);
  expect(isRecordedBeside(before, at(1, [100, 100], [0, 0]), 2)).toBe(false);
  expect(isRecordedBeside(before, at(1, [100 + line, 100 + 2 * line], [0, 0]), 2)).toBe(false);
  expect(isRecordedBeside(before, at(1, [100 + 3 * line, 100], [0, 0]), 2)).toBe(true);
  expect(isRecordedBeside(before, at(1, [100 + line + 1, 100], [0, 0]), 2)).toBe(true);
});

test('quiet never begins later than the last sign of life', () => {
  const step = fc.record({ prints: fc.boolean(), bytes: fc.nat({ max: QUIET_BYTES }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let [recorded, transferred, printedAt] = [0, 0, 0];
      let quiet: Quiet | undefined = quietAfter(undefined, at(0, [0], [0]));
      for (const [index, { prints, bytes }] of steps.entries()) {
        if (prints) {
          recorded += 1;
          printedAt = index + 1;
        }
        transferred += bytes;
        quiet = quietAfter(quiet, at(index + 1, [recorded], [transferred]));
      }
      expect(quiet.since.atMs).toBeGreaterThanOrEqual(printedAt);
    }),
  );
});

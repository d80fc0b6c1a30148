import { describe, expect, test } from 'vitest';
import { type AwaitedRank, lastMark, nextMark, waitingFields, waitingLine } from '../../../launcher/diagnosis/waiting-line.ts';
import type { RankCounters } from '../../../shared/contracts/process-sample.ts';

const BARRIER = { sequence: 7, name: 'basic/save@50:committed' };

const counters = (atMs: number, change: Partial<RankCounters> = {}): RankCounters => ({
  atMs,
  cpuMs: 0,
  readBytes: 0,
  writtenBytes: 0,
  isWhole: true,
  journalBytes: 900,
  foreignBytes: { atLeast: 0, atMost: 0 },
  ...change,
});

const rank = (number: number, change: Partial<AwaitedRank> = {}): AwaitedRank => ({
  rank: number,
  step: 40,
  lastRecord: { what: 'step:reached', agoMs: 14_000 },
  gotOnAgoMs: null,
  processes: [counters(0), counters(2000)],
  ...change,
});

const writing = (number: number): AwaitedRank =>
  rank(number, {
    processes: [counters(0, { writtenBytes: 350e6 }), counters(2000, { writtenBytes: 412e6, cpuMs: 1960 })],
  });

const line = (...missing: readonly AwaitedRank[]): string => waitingLine({ barrier: BARRIER, waitedMs: 15_000, missing });

describe('the line about a barrier that waits', () => {
  test('says for whom, and how a rank gets on', () => {
    expect(line(writing(2))).toBe(
      'waiting 15 s at barrier #7 "basic/save@50:committed" for rank 2 (gets on: step 40, 412 MB written, 31 MB/s, 98 % CPU)',
    );
  });

  test('and that it does not', () => {
    expect(line(rank(2))).toMatch(/ for rank 2 \(does not get on: no record for 14 s, 0 % CPU\)$/);
    expect(line(rank(2, { lastRecord: null }))).toMatch(/ \(does not get on: no record at all, 0 % CPU\)$/);
  });

  test('a loop for ever is no progress', () => {
    const spinning = rank(2, { processes: [counters(0), counters(2000, { cpuMs: 2000 })] });
    expect(line(spinning)).toMatch(/ \(does not get on: no record for 14 s, 100 % CPU\)$/);
  });

  test('a journal that grows is', () => {
    const slow = rank(2, { processes: [counters(0), counters(2000, { journalBytes: 980 })] });
    expect(line(slow)).toMatch(/ for rank 2 \(gets on: step 40, 0 KB written, 0 % CPU\)$/);
  });

  test('what was not seen is said with the reason', () => {
    expect(line(rank(2, { processes: { notSeen: 'it was never started' } }))).toMatch(/ \(not seen \(it was never started\)\)$/);
  });

  test('several ranks are those that do the same', () => {
    expect(line(rank(0), writing(1), rank(3), rank(4), writing(5))).toMatch(
      / for ranks 0,1,3-5 \(ranks 1,5 get on; ranks 0,3,4 do not get on\)$/,
    );
    expect(line(rank(0), writing(1), writing(5))).toMatch(
      / \(ranks 1,5 get on; rank 0 does not get on: no record for 14 s, 0 % CPU\)$/,
    );
  });

  test('is one line of bounded length, whatever the name and however many ranks', () => {
    const missing = Array.from({ length: 500 }, (_, each) => rank(2 * each));
    const text = waitingLine({ barrier: { sequence: 7, name: `\u001b[31m\n${'x'.repeat(1000)}` }, waitedMs: 1, missing });
    expect(text).not.toMatch(/[\n\u001b]/);
    expect([...text].length).toBeLessThanOrEqual(260);
    expect(JSON.stringify(waitingFields({ barrier: BARRIER, waitedMs: 1, missing })).length).toBeLessThan(10_000);
  });
});

test('as data it has the same', () => {
  expect(waitingFields({ barrier: BARRIER, waitedMs: 15_000.4, missing: [writing(2)] })).toEqual({
    barrier: BARRIER,
    waitedMs: 15_000,
    missing: [2],
    progress: [
      {
        ...{ rank: 2, getsOn: true, step: 40, lastRecordAgoMs: 14_000 },
        ...{ writtenBytes: 412e6, bytesPerSecond: 31e6, cpuPercent: 98 },
      },
    ],
  });
});

test('something is said at a quarter, half and three quarters of the time-out, and then of the hard one', () => {
  const marks: number[] = [];
  for (let at = nextMark(0, 30, 600); Number.isFinite(at); at = nextMark(at, 30, 600)) marks.push(at);
  expect(marks).toEqual([7.5, 15, 22.5, 150, 300, 450]);
  expect([7, 8, 29, 149, 1000].map((at) => lastMark(at, 30, 600))).toEqual([0, 7.5, 22.5, 22.5, 450]);
  expect(nextMark(29, 30, 30)).toBe(Number.POSITIVE_INFINITY);
});

test('a long time-out has words before its first quarter, and none at all has them for ever: each time the wait has doubled', () => {
  const minutes = (quiet: number, upTo: number): readonly number[] => {
    const marks: number[] = [];
    for (let at = nextMark(0, quiet * 60_000, 600_000); at <= upTo * 60_000; at = nextMark(at, quiet * 60_000, 600_000))
      marks.push(at / 60_000);
    return marks;
  };
  expect(minutes(5, 1000)).toEqual([1.25, 2.5, 3.75, 7.5]);
  expect(minutes(60, 1000)).toEqual([1, 2, 4, 15, 30, 45]);
  expect(minutes(Infinity, 100)).toEqual([1, 2, 4, 8, 16, 32, 64]);
  expect([59_999, 60_000, 250_000].map((at) => lastMark(at, Infinity, 600_000))).toEqual([0, 60_000, 240_000]);
});

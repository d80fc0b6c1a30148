import { expect, test } from 'vitest';
import { timelineOf } from '../../../launcher/inspect/timeline.ts';
import type { JournalEvent } from '../../../shared/contracts/journal.ts';

const arrived = (sequence: number, atMs: number, name = `b${sequence}`): JournalEvent => ({
  ...{ type: 'barrier:arrived', sequence, name, callSite: null, atMs },
});
const passed = (sequence: number, atMs: number): JournalEvent => ({
  ...{ type: 'barrier:passed', sequence, name: `b${sequence}`, waitedMs: 0, atMs },
});
const aborted = (sequence: number, atMs: number): JournalEvent => ({
  ...{ type: 'barrier:aborted', sequence, name: `b${sequence}`, reason: 'timeout', missing: [1], atMs },
});

test('says when each rank came, after the first, and how it went', () => {
  const [first, last, ...more] = timelineOf([
    [arrived(0, 100), passed(0, 110), arrived(1, 200), aborted(1, 1200)],
    [arrived(0, 105), passed(0, 111)],
    [arrived(0, 107), passed(0, 112), arrived(1, 203)],
  ]);
  expect(more).toEqual([]);
  expect(first?.visits.map(({ rank, outcome, afterFirstMs }) => [rank, outcome, afterFirstMs])).toEqual([
    [0, 'passed', 0],
    [1, 'passed', 5],
    [2, 'passed', 7],
  ]);
  expect(last).toMatchObject({
    ...{ sequence: 1, name: 'b1', firstAtMs: 200 },
    visits: [
      { rank: 0, outcome: 'aborted', afterFirstMs: 0, waitedMs: 1000 },
      { rank: 2, outcome: 'arrived', afterFirstMs: 3, waitedMs: null },
    ],
  });
});

test('tells of the last four barriers, in their order, under the name that most ranks know', () => {
  const journal = Array.from({ length: 9 }, (_, sequence) => arrived(sequence, sequence));
  expect(timelineOf([journal]).map(({ sequence }) => sequence)).toEqual([5, 6, 7, 8]);
  const [barrier] = timelineOf([[arrived(3, 1, 'other')], [arrived(3, 2)], [arrived(3, 3)]]);
  expect(barrier?.name).toBe('b3');
  expect(barrier?.visits[0]?.name).toBe('other');
});

test('nobody has come to a barrier', () => {
  expect(timelineOf([[], []])).toEqual([]);
});

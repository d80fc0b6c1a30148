import { expect, test } from 'vitest';
import { chapterOf } from '../../../rank/verification/chapter.ts';
import type { JournalEntry } from '../../../shared/contracts/journal.ts';

const journal = (...entries: readonly JournalEntry[]) => entries.map((entry, atMs) => ({ ...entry, atMs }));
const start = (scenario: string): JournalEntry => ({ type: 'scenario:started', scenario });
const end = (step: number): JournalEntry => ({ type: 'training:ended', step, reason: 'completed' });
const printed = (bytes: number): JournalEntry => ({ type: 'output:measured', bytes });

const TWO = journal(printed(10), start('one'), end(1), printed(10), start('two'), end(2), printed(25));

test('a chapter is what stands between two starts', () => {
  expect(chapterOf(TWO, 'one').events).toMatchObject([{ step: 1 }, { bytes: 10 }]);
  expect(chapterOf(TWO, 'two').events).toMatchObject([{ step: 2 }, { bytes: 25 }]);
  expect(chapterOf(TWO, 'three').events).toEqual([]);
});

test('what is printed counts from the end of the scenario before, and not what was there at the start', () => {
  expect(['one', 'two', 'three'].map((scenario) => chapterOf(TWO, scenario).printedBytes)).toEqual([0, 15, 0]);
});

test('what is printed on loading the first scenario counts for it', () => {
  expect(chapterOf(journal(printed(0), start('one'), end(1), printed(7)), 'one').printedBytes).toBe(7);
});

test('a rank that does not measure has printed nothing', () => {
  expect(chapterOf(journal(start('one'), end(1)), 'one').printedBytes).toBe(0);
});

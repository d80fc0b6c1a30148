import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { lastEvent, openJournal, readJournal } from '../../../shared/platform/journal-file.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';

function journalPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-journal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'rank-0.jsonl');
}

test('events come back in order, with the time at which they were written', () => {
  const path = journalPath();
  const platform = nodePlatform();
  const journal = openJournal({ ...platform, clock: { ...platform.clock, nowMs: () => 1234.5 } }, path);
  journal.append({ type: 'scenario:started', scenario: 'grün' });
  journal.append({ type: 'save:started', step: 25 });
  journal.close();
  expect(readJournal(nodeDisk, path)).toEqual({
    events: [
      { atMs: 1234.5, type: 'scenario:started', scenario: 'grün' },
      { atMs: 1234.5, type: 'save:started', step: 25 },
    ],
    torn: false,
  });
});

test('a torn last line is left out and said to be torn', () => {
  const path = journalPath();
  openJournal(nodePlatform(), path).append({ type: 'save:started', step: 25 });
  appendFileSync(path, '{"atMs":1,"type":"save:st');
  const { events, torn } = readJournal(nodeDisk, path);
  expect(events.map(({ type }) => type)).toEqual(['save:started']);
  expect(torn).toBe(true);
});

test('a journal that is not there has no events', () => {
  expect(readJournal(nodeDisk, journalPath())).toEqual({ events: [], torn: false });
});

test('a finished line that is no event is refused', () => {
  const path = journalPath();
  appendFileSync(path, '{"type":7}\n');
  expect(() => readJournal(nodeDisk, path)).toThrow('not a journal event');
});

test('the last event is that of the last line, and nothing inside another', () => {
  const path = journalPath();
  expect(lastEvent(nodeDisk, path)).toBeUndefined();
  const journal = openJournal(nodePlatform(), path);
  journal.append({ type: 'rank:finished', peakMemoryBytes: 1 });
  expect(lastEvent(nodeDisk, path)).toMatchObject({ type: 'rank:finished' });
  journal.append({ type: 'scenario:started', scenario: '"type":"rank:finished"' });
  expect(lastEvent(nodeDisk, path)).toMatchObject({ type: 'scenario:started' });
});

test.for([
  ['torn', '{"type":"rank:finished","atMs":1}'],
  ['no JSON', '{"type":"rank:finished"\n'],
  ['no event', '["\\"type\\":\\"rank:finished\\""]\n'],
])('a journal whose last line is %s has no last event', ([, line = '']) => {
  const path = journalPath();
  openJournal(nodePlatform(), path).append({ type: 'save:started', step: 25 });
  appendFileSync(path, line);
  expect(lastEvent(nodeDisk, path)).toBeUndefined();
});

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type AppendOnlyFile, nodeDisk } from '../../../shared/platform/disk.ts';
import { lastEvent, openJournal, readJournal } from '../../../shared/platform/journal-file.ts';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';

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
    unreadable: 0,
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
  expect(readJournal(nodeDisk, journalPath())).toEqual({ events: [], unreadable: 0, torn: false });
});

test('a finished line that is no event is counted and left out', () => {
  const path = journalPath();
  appendFileSync(path, '{"type":7}\n{"type":"save:st\n');
  openJournal(nodePlatform(), path).append({ type: 'save:started', step: 25 });
  expect(readJournal(nodeDisk, path)).toMatchObject({ events: [{ type: 'save:started' }], unreadable: 2, torn: false });
});

/** A platform whose disk is full when a journal writes a certain event: so many characters of it still fit. */
function fullAt(type: string, fitting: number): Platform {
  const platform = nodePlatform();
  const openAppend = (path: string): AppendOnlyFile => {
    const file = platform.disk.openAppend(path);
    const append = (text: string): void => {
      const isFull = text.includes(type);
      file.append(isFull ? text.slice(0, fitting) : text);
      if (isFull) throw new Error('ENOSPC: no space left on device, write');
    };
    return { ...file, append };
  };
  return { ...platform, disk: { ...platform.disk, openAppend } };
}

test.for([
  [0, 0],
  [20, 2],
])(
  'writes that fail after %i characters each leave %i lines that cannot be read, and spoil no other',
  ([fitting = 0, unreadable]) => {
    const path = journalPath();
    const journal = openJournal(fullAt('save:started', fitting), path);
    journal.append({ type: 'scenario:started', scenario: 'mine' });
    for (const step of [25, 50]) expect(() => journal.append({ type: 'save:started', step })).toThrow('ENOSPC');
    journal.append({ type: 'rank:finished', peakMemoryBytes: 1 });
    journal.append({ type: 'log:written', lines: 1 });
    const { events, ...rest } = readJournal(nodeDisk, path);
    expect(events.map(({ type }) => type)).toEqual(['scenario:started', 'rank:finished', 'log:written']);
    expect(rest).toEqual({ unreadable, torn: false });
  },
);

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

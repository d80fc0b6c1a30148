import type { Journal, JournalEvent } from '../contracts/journal.ts';
import { isJsonObject, parseJson } from '../contracts/json.ts';
import type { Disk } from './disk.ts';
import type { Platform } from './platform.ts';

/** What a journal file holds. */
export interface JournalContent {
  readonly events: readonly JournalEvent[];
  /** Finished lines that are no event: a disk was full, or somebody else wrote there. */
  readonly unreadable: number;
  /** The last line is unfinished: its writer was stopped in the middle, or is still writing. */
  readonly torn: boolean;
}

/** Opens one rank's journal: a JSON line an event, each in one write(2), so that it outlives the process. */
export function openJournal({ clock, disk }: Pick<Platform, 'clock' | 'disk'>, path: string): Journal & { close(): void } {
  const file = disk.openAppend(path);
  // What a failed write left must not spoil the line after it.
  let start = '';
  return {
    append: (entry) => {
      const line = `${start}${JSON.stringify({ atMs: clock.nowMs(), ...entry })}\n`;
      start = '\n';
      file.append(line);
      start = '';
    },
    close: () => file.close(),
  };
}

/** Reads a journal, its writer dead or alive; no file, no events. Empty lines are nothing. */
export function readJournal(disk: Disk, path: string): JournalContent {
  const lines = (disk.readTextIfAny(path) ?? '').split('\n');
  const torn = lines.pop() !== '';
  const finished = lines.filter((line) => line !== '');
  const events = finished.map(eventIn).filter((event) => event !== undefined);
  return { events, unreadable: finished.length - events.length, torn };
}

/** The event that a journal ends with, without reading the others; undefined where its last line is torn, or no event. */
export function lastEvent(disk: Disk, path: string): JournalEvent | undefined {
  const text = disk.readTextIfAny(path) ?? '';
  if (!text.endsWith('\n')) return undefined;
  return eventIn(text.slice(text.lastIndexOf('\n', text.length - 2) + 1));
}

const eventIn = (line: string): JournalEvent | undefined => parseJson(line, isEvent);

/** Newer writers may add types and fields: only what every event has is checked. */
const isEvent = (value: unknown): value is JournalEvent =>
  isJsonObject(value) && typeof value['type'] === 'string' && typeof value['atMs'] === 'number';

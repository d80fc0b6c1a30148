import { dirname } from 'node:path';
import type { Heartbeat, NotSeen } from '../../contracts/diagnosis.ts';
import { isJsonObject, parseJson } from '../../contracts/json.ts';
import type { Disk } from '../disk.ts';
import type { RunDirectory } from '../run-directory.ts';

/** How often a rank's watcher writes, and how often the event loop says that it turns; milliseconds. */
export const BEAT_EVERY_MS = 250;

/** A rank has no watcher before it is so old, so that short runs do not pay for one; milliseconds. */
export const WATCHED_AFTER_MS = 1000;

/** `heartbeat/rank-<r>.json`: what the watcher of a rank wrote last. */
export interface Beat {
  /** How many there have been. */
  readonly beat: number;
  readonly wallMs: number;
  /** Since the process started; stands still while the host is suspended. */
  readonly monotonicMs: number;
  /** Since the host started; goes on while the host is suspended. */
  readonly bootMs: number;
  /** How long the event loop has not turned. */
  readonly lagMs: number;
  readonly step: number;
  /** Bytes that the watcher itself has read and written so far: they are no progress of the rank. */
  readonly ownBytes: number;
}

/** Beats have the same length, so that one lies exactly over the other. */
const BEAT_LENGTH = 240;

/**
 * Writes a beat over the one before: that needs no space, so that a disk that fills up does not look like a watcher that has
 * stopped. Its number stands at both ends, for a reader may come in the middle. Throws the file system's errors.
 */
export function writeBeat(disk: Disk, path: string, beat: Beat): void {
  const text = `${JSON.stringify({ ...beat, again: beat.beat }).padEnd(BEAT_LENGTH)}\n`;
  if (disk.sizeOf(path) === text.length) {
    disk.overwrite(path, text);
    return;
  }
  disk.makeDirectory(dirname(path));
  disk.write(`${path}.new`, text);
  disk.rename(`${path}.new`, path);
}

/** The last beat; undefined where there is none. */
export function readBeat(disk: Disk, path: string): Beat | undefined {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const beat = parseJson(disk.readTextIfAny(path) ?? '', isWhole);
    if (beat !== undefined) return beat;
  }
  return undefined;
}

const NUMBERS = ['beat', 'wallMs', 'monotonicMs', 'bootMs', 'lagMs', 'step', 'ownBytes'] as const;

const isWhole = (value: unknown): value is Beat =>
  isJsonObject(value) && NUMBERS.every((name) => typeof value[name] === 'number') && value['again'] === value['beat'];

/**
 * The heartbeat of a rank that has lived for `livedMs`, as the launcher sees it at `nowMs` on its wall clock. Its age is that of
 * the file, and so does not depend on the clock of the rank. Never throws.
 */
export function readHeartbeat(
  disk: Disk,
  run: RunDirectory,
  rank: number,
  { nowMs, livedMs }: { readonly nowMs: number; readonly livedMs: number | null },
): Heartbeat | NotSeen {
  try {
    const path = run.heartbeat(rank);
    const writtenAtMs = disk.changedAtMs(path);
    const beat = readBeat(disk, path);
    if (writtenAtMs === undefined || beat === undefined) return { notSeen: whyNoBeat(livedMs) };
    return { ageMs: Math.max(0, Math.round(nowMs - writtenAtMs)), lagMs: beat.lagMs, step: beat.step };
  } catch (thrown) {
    return { notSeen: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

const whyNoBeat = (livedMs: number | null): string =>
  livedMs !== null && livedMs < WATCHED_AFTER_MS + BEAT_EVERY_MS
    ? 'it has lived for less than a second'
    : 'its event loop did not turn when it was a second old, or it could not write';

import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { transferIn } from '../process/process-use.ts';
import { BEAT_EVERY_MS, writeBeat } from './beat-file.ts';

/** What a rank's event loop and its watcher share. */
export interface Pulse {
  /** The file of the beats. */
  readonly path: string;
  /** Numbers in memory that both threads see; {@link SLOTS} says which is which. */
  readonly numbers: Float64Array;
}

/** Where each number is. */
export const SLOTS = {
  /** When the event loop turned last, on the monotonic clock. */
  turnedAtMs: 0,
  step: 1,
  beats: 2,
  /** How far the clocks of this rank are to be ahead of the machine's. Simulated. */
  aheadMs: 3,
  /** 1 for a rank whose host is to stand still. Simulated. */
  isFrozen: 4,
} as const;

/** A new one. */
export const newPulse = (path: string): Pulse => ({
  path,
  numbers: new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * Object.keys(SLOTS).length)),
});

/** What comes from another thread. */
export const isPulse = (value: unknown): value is Pulse =>
  typeof value === 'object' && value !== null && 'path' in value && 'numbers' in value && value.numbers instanceof Float64Array;

/** Gives what writes one beat after the other. It never throws: a beat that cannot be written is left out. */
export function beater(
  { clock, disk }: { readonly clock: Clock; readonly disk: Disk },
  { path, numbers }: Pulse,
  hostUptime: () => number,
): () => void {
  const numberAt = (slot: keyof typeof SLOTS): number => numbers[SLOTS[slot]] ?? 0;
  return () => {
    if (numberAt('isFrozen') === 1) return;
    numbers[SLOTS.beats] = numberAt('beats') + 1;
    const monotonicMs = clock.monotonicMs();
    // A loop that turns says so every now and then, and so may seem late by as much.
    const lagMs = Math.max(0, monotonicMs - numberAt('turnedAtMs') - BEAT_EVERY_MS);
    const times = { wallMs: clock.nowMs() + numberAt('aheadMs'), monotonicMs: monotonicMs + numberAt('aheadMs') };
    const host = { bootMs: Math.round(hostUptime() * 1000), ownBytes: bytesOfThisThread(disk) };
    try {
      const whole = { wallMs: times.wallMs, monotonicMs: Math.round(times.monotonicMs), lagMs: Math.round(lagMs) };
      writeBeat(disk, path, { beat: numberAt('beats'), ...whole, ...host, step: numberAt('step') });
    } catch {
      // A full or missing disk: the next beat may find room, and the rank itself has more to say about it.
    }
  };
}

function bytesOfThisThread(disk: Disk): number {
  try {
    const { readBytes, writtenBytes } = transferIn(disk.readTextIfAny('/proc/thread-self/io'));
    return (readBytes ?? 0) + (writtenBytes ?? 0);
  } catch {
    return 0;
  }
}

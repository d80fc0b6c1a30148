import { uptime } from 'node:os';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { BEAT_EVERY_MS, WATCHED_AFTER_MS } from './beat-file.ts';
import { beater, newPulse, type Pulse, SLOTS } from './pulse.ts';

/** What a rank's event loop tells its watcher. */
export interface Heart {
  /** Where the rank is in its training. */
  at(step: number): void;
  /** How far its clocks are ahead of the machine's. Simulated. */
  runAhead(aheadMs: number): void;
  /** One last beat, and none after it, as on a host that stands still. Simulated. */
  freeze(): void;
}

/** What a watched rank brings. */
export interface HeartOptions {
  readonly clock: Clock;
  readonly disk: Disk;
  /** The file of its beats. */
  readonly path: string;
  /** Starts the thread; it must neither keep the process alive nor end it. */
  readonly startWatcher: (pulse: Pulse) => void;
}

/**
 * Watches this process from its second second on. A thread of its own writes the beats, so that they go on while the event loop
 * is blocked; what they say of the loop comes from a timer in it.
 */
export function openHeart({ clock, disk, path, startWatcher }: HeartOptions): Heart {
  const pulse = newPulse(path);
  const set = (slot: keyof typeof SLOTS, value: number): void => {
    pulse.numbers[SLOTS[slot]] = value;
  };
  const bornAtMs = clock.monotonicMs();
  let isWatched = false;
  clock.every(BEAT_EVERY_MS, () => {
    const now = clock.monotonicMs();
    set('turnedAtMs', now);
    if (isWatched || now - bornAtMs < WATCHED_AFTER_MS) return;
    isWatched = true;
    startWatcher(pulse);
  });
  return {
    at: (step) => set('step', step),
    runAhead: (aheadMs) => set('aheadMs', aheadMs),
    freeze: () => {
      set('turnedAtMs', clock.monotonicMs());
      beater({ clock, disk }, pulse, uptime)();
      set('isFrozen', 1);
    },
  };
}

/** Starts the thread whose program is `file`, as {@link HeartOptions} wants it. */
export const watcherIn =
  (file: string) =>
  (pulse: Pulse): void => {
    // Loaded at this moment only: a short run does without.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    // It inherits no options and no variables, for they may load programs; and it must not open the streams of the process.
    const apart = { execArgv: [], env: {}, stdout: true, stderr: true };
    const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
    try {
      const worker = new Worker(file, { ...apart, workerData: pulse, resourceLimits: limits, name: 'heartbeat' });
      worker.on('error', () => undefined);
      worker.unref();
    } catch {
      // No thread to be had: nobody watches, and the rank goes on.
    }
  };

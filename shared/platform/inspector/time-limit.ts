import type { Clock } from '../clock.ts';

/** How long several things may take together. */
export interface TimeLimit {
  leftMs(): number;
  /** Undefined when it has not settled by then; of what is still under way nothing more is heard. Rejects as the work does. */
  within<T>(work: Promise<T>, mostMs?: number): Promise<T | undefined>;
  /** Less where less is left. */
  pause(ms: number): Promise<void>;
}

/** Counts from now on. */
export function timeLimit(clock: Clock, limitMs: number): TimeLimit {
  const endsAtMs = clock.monotonicMs() + limitMs;
  const leftMs = (): number => Math.max(0, endsAtMs - clock.monotonicMs());
  const within = async <T>(work: Promise<T>, mostMs = limitMs): Promise<T | undefined> => {
    let cancel = (): void => undefined;
    const over = new Promise<undefined>((resolve) => {
      cancel = clock.after(Math.min(mostMs, leftMs()), () => resolve(undefined));
    });
    return Promise.race([work, over]).finally(() => cancel());
  };
  return {
    leftMs,
    within,
    pause: (ms) => new Promise((resolve) => clock.after(Math.min(ms, leftMs()), resolve)),
  };
}

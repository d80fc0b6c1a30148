import type { Barrier } from '../shared/contracts/barrier.ts';
import type { Json } from '../shared/contracts/json.ts';
import type { Clock } from '../shared/platform/clock.ts';

/** What a rank has begun and not ended. */
export interface Begun {
  readonly what: string;
  /** Milliseconds. */
  readonly forMs: number;
  /** Where it was begun, as Node spells a stack. */
  readonly stack: string;
}

/** What a rank is doing, for whoever asks why it does not arrive. */
export interface Doing {
  /** Notes the work until it ends. */
  during<T>(what: string, work: () => T | Promise<T>): Promise<T>;
  /** Outermost first; empty when it does nothing that others wait for. */
  now(): readonly Begun[];
}

/** Opens a rank's own record. */
export function openDoing(clock: Clock): Doing {
  const begun = new Set<{ readonly what: string; readonly sinceMs: number; readonly site: Error }>();
  return {
    during: async (what, work) => {
      // The stack of an error is spelled only when somebody reads it.
      const note = { what, sinceMs: clock.monotonicMs(), site: new Error(what) };
      begun.add(note);
      try {
        return await work();
      } finally {
        begun.delete(note);
      }
    },
    now: () =>
      [...begun].map(({ what, sinceMs, site }) => ({
        what,
        forMs: Math.round(clock.monotonicMs() - sinceMs),
        stack: site.stack ?? '',
      })),
  };
}

/** The same barriers, of which a rank notes that it waits at them; an error of theirs says where they were called. */
export function notedBarrier(barrier: Barrier, doing: Doing): Barrier {
  return {
    wait: (name, payload) => {
      const site = new Error(name);
      const wait = (): Promise<readonly Json[]> => barrier.wait(name, payload);
      return doing.during(`barrier ${JSON.stringify(name)}`, wait).catch((thrown: unknown) => {
        // What is thrown after a wait has lost the way that led to it.
        if (thrown instanceof Error) thrown.stack = `${thrown.name}: ${thrown.message}${framesOf(site)}`;
        throw thrown;
      });
    },
    within: (timeoutMs) => notedBarrier(barrier.within(timeoutMs), doing),
    close: barrier.close,
  };
}

const framesOf = ({ stack = '' }: Error): string => stack.slice(Math.max(0, stack.indexOf('\n    at ')));

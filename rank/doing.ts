import type { Barrier } from '../shared/contracts/barrier.ts';
import type { AwaitedLock } from '../shared/contracts/diagnosis.ts';
import type { Clock } from '../shared/platform/clock.ts';

/** What a rank has begun and not ended. */
export interface Begun {
  readonly what: string;
  /** Milliseconds. */
  readonly forMs: number;
  /** Where it was begun, as Node spells a stack. */
  readonly stack: string;
  /** The lock for which it waits; null for anything else. */
  readonly lock: AwaitedLock | null;
  /** The user's function that does it; undefined for what is ours. */
  readonly code: unknown;
  /** The user's file that is loaded, or from which that function comes; null for what is ours. */
  readonly file: string | null;
}

/** What a rank is doing, for whoever asks why it does not arrive. */
export interface Doing {
  /** Notes the work until it ends. */
  during<T>(what: string, work: () => T | Promise<T>, lock?: AwaitedLock): Promise<T>;
  /** The same for the loading of a user's file. */
  loading<T>(file: string, work: () => T | Promise<T>): Promise<T>;
  /** The same for a function of the user's that the work calls; it comes from the file that was loaded last. */
  calling<T>(what: string, code: unknown, work: () => T | Promise<T>): Promise<T>;
  /** Outermost first; empty when it does nothing that others wait for. */
  now(): readonly Begun[];
}

/** Opens a rank's own record. */
export function openDoing(clock: Clock): Doing {
  const begun = new Set<Omit<Begun, 'forMs' | 'stack'> & { readonly sinceMs: number; readonly site: Error }>();
  let loaded: string | null = null;
  const noting = async <T>(
    what: string,
    work: () => T | Promise<T>,
    about: Partial<Pick<Begun, 'lock' | 'code' | 'file'>>,
  ): Promise<T> => {
    // The stack of an error is spelled only when somebody reads it.
    const note = { what, lock: null, code: undefined, file: null, ...about, sinceMs: clock.monotonicMs(), site: new Error(what) };
    begun.add(note);
    try {
      return await work();
    } finally {
      begun.delete(note);
    }
  };
  return {
    during: (what, work, lock) => noting(what, work, lock === undefined ? {} : { lock }),
    loading: (file, work) => {
      loaded = file;
      return noting(`loading ${file}`, work, { file });
    },
    calling: (what, code, work) => noting(what, work, { code, file: loaded }),
    now: () =>
      [...begun].map(({ sinceMs, site, ...note }) => ({
        ...note,
        forMs: Math.round(clock.monotonicMs() - sinceMs),
        stack: site.stack ?? '',
      })),
  };
}

/** What whoever inspects a rank is given: an answer as JSON, and then the functions that it is about. */
export function answering(doing: Doing): (() => string) & { readonly functions: () => readonly unknown[] } {
  let told: readonly Begun[] = [];
  const answer = (): string => {
    told = doing.now();
    return JSON.stringify(told.map(({ code: _, ...each }) => each));
  };
  return Object.assign(answer, { functions: () => told.map(({ code }) => code) });
}

/** The same barriers, of which a rank notes that it waits at them; an error of theirs says where they were called. */
export function notedBarrier(barrier: Barrier, doing: Doing): Barrier {
  let sequence = 0;
  const noted = (inner: Barrier): Barrier => ({
    wait: (name, payload, given) => {
      const site = new Error(name);
      const what = `barrier #${sequence} ${JSON.stringify(name)}`;
      sequence += 1;
      return doing
        .during(what, () => inner.wait(name, payload, given))
        .catch((thrown: unknown) => {
          // What is thrown after a wait has lost the way that led to it.
          if (thrown instanceof Error) thrown.stack = `${thrown.name}: ${thrown.message}${framesOf(site)}`;
          throw thrown;
        });
    },
    within: (timeoutMs) => noted(inner.within(timeoutMs)),
    close: inner.close,
  });
  return noted(barrier);
}

const framesOf = ({ stack = '' }: Error): string => stack.slice(Math.max(0, stack.indexOf('\n    at ')));

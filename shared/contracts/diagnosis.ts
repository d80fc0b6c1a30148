import type { ArrivalRecord, BarrierKey } from './barrier.ts';
import type { SerializedError } from './errors.ts';
import type { RankSample } from './process-sample.ts';

/** What can keep a rank from a barrier, each with its number in docs/hangs.md. */
export const HANG_CLASSES = {
  'never-started': 'H01',
  'world-size-mismatch': 'H02',
  died: 'H03',
  'killed-oom': 'H04',
  'exited-early': 'H05',
  'exception-before-barrier': 'H06',
  'skipped-barrier': 'H07',
  desync: 'H08',
  straggler: 'H09',
  'stuck-await': 'H10',
  'loop-blocked-js': 'H11',
  'loop-blocked-native': 'H12',
  'fs-pool-exhausted': 'H13',
  stopped: 'H14',
  'host-frozen': 'H15',
  'lock-deadlock': 'H16',
  'stale-view': 'H17',
  'clock-skew': 'H18',
} as const;

export type HangClass = keyof typeof HANG_CLASSES;

/** A place in somebody's sources, source maps applied. */
export interface CodePlace {
  readonly file: string;
  /** From 1; null where only the file is known. */
  readonly line: number | null;
  /** From 1; null where only the file is known. */
  readonly column: number | null;
  /** Null at the top of a file. */
  readonly functionName: string | null;
}

/** Evidence that could not be had, and why, as the rest of a sentence: "not permitted". */
export interface NotSeen {
  readonly notSeen: string;
}

/** Tells evidence from its absence. */
export const isSeen = <T extends object>(evidence: T | NotSeen): evidence is T => !('notSeen' in evidence);

/** What the JavaScript of a rank was doing at one moment, innermost frame first. */
export interface StackSample {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  readonly frames: readonly CodePlace[];
}

/** What a rank's event loop was found to do. */
export type LoopEvidence =
  /** It answered: nothing keeps it. `doing` is what the rank says it waits for or works at, outermost first. */
  | { readonly kind: 'idle'; readonly doing: readonly Doing[] }
  /** It did not answer but could be halted: JavaScript runs. Two samples at least. */
  | { readonly kind: 'busy'; readonly stacks: readonly StackSample[] }
  /** It neither answered nor could be halted: it is inside a native call, or the process is stopped. */
  | { readonly kind: 'unreachable' };

/** Something a rank has begun and not ended. */
export interface Doing {
  /** As "callback own-callbacks.onEvaluate", "barrier #7 "save@75:written"" or "the work before save@75:written". */
  readonly what: string;
  /** For how long, milliseconds. */
  readonly forMs: number;
  /** Where the user's sources began it or wait within it. */
  readonly place: CodePlace | null;
  /** The lock for which it waits, if that is what it does. */
  readonly lock?: AwaitedLock;
}

/** The lock for which a rank says it waits. */
export interface AwaitedLock {
  readonly path: string;
  /** `rank 1` for a rank of this run, anybody else in other words. */
  readonly holder: string;
  /** On the host of the rank; null where the lock does not say. */
  readonly holderPid: number | null;
}

/** The last beat of a rank's watcher thread. */
export interface Heartbeat {
  /** Before the moment of the report, milliseconds. */
  readonly ageMs: number;
  /** How long the event loop had not turned by then, milliseconds. */
  readonly lagMs: number;
  readonly step: number;
}

/** How a rank's process ended by itself. */
export interface EndEvidence {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Who says that memory was short: the kernel's counter, V8's last words, or nobody. */
  readonly outOfMemory: 'kernel' | 'v8' | null;
  /** The last lines of its standard error, safe to print. */
  readonly stderrTail: readonly string[];
}

/** The last that a rank's journal says of barriers. */
export interface JournalledBarrier extends BarrierKey {
  readonly outcome: 'arrived' | 'passed' | 'aborted';
  /** Before the moment of the report, milliseconds. */
  readonly agoMs: number;
  readonly callSite: CodePlace | null;
}

/** All that is known of one rank when a barrier did not open. */
export interface RankEvidence {
  readonly rank: number;
  /** Null when it was never started. */
  readonly pid: number | null;
  readonly host: string | null;
  /** Why its process could not be started. */
  readonly startError: string | null;
  /** Null while it lives. */
  readonly end: EndEvidence | null;
  /** What it threw, if it says so. */
  readonly error: SerializedError | null;
  /** Where in the user's sources that was thrown, or the innermost place there is. */
  readonly thrownAt: CodePlace | null;
  /** The world size that it was told; null where it does not say. */
  readonly worldSize: number | null;
  /** What it journalled of its last barriers, an entry each for arriving and for passing, oldest first, at most five. */
  readonly barriers: readonly JournalledBarrier[];
  /** Its last step, and how long ago its journal grew; null for an empty journal. */
  readonly lastRecord: { readonly what: string; readonly agoMs: number } | null;
  /** How long before the barrier was given up it was seen to get on, within the time-out; null where that was not seen. */
  readonly gotOnAgoMs: number | null;
  /** A second apart or less, oldest first. */
  readonly processes: readonly RankSample[] | NotSeen;
  readonly loop: LoopEvidence | NotSeen;
  readonly heartbeat: Heartbeat | NotSeen;
  /** The wall clock of its files minus the launcher's, milliseconds; null where it does not say. */
  readonly clockSkewMs: number | null;
  /** The lock for which it says it waits, and who holds that: `rank 1` for a rank of this run, anybody else in other words. */
  readonly lock: { readonly path: string; readonly holder: string; readonly holderIsAlive: boolean | null } | null;
}

/** All that is known when a barrier did not open. Pure data: what the verdict and the report are made of. */
export interface HangEvidence {
  readonly runId: string;
  readonly worldSize: number;
  readonly runDirectory: string;
  /** Null when the run ended before anybody came to a barrier. */
  readonly barrier: StuckBarrier | null;
  /** In rank order. */
  readonly ranks: readonly RankEvidence[];
  /** The threads of libuv's pool of a rank. */
  readonly poolSize: number;
  /** As the ranks on it name it: it does not stand still, for the launcher runs there. */
  readonly launcherHost?: string;
}

/** The barrier that did not open. */
export interface StuckBarrier extends BarrierKey {
  readonly why: 'timeout' | 'mismatch' | 'rank-ended' | 'waiting';
  /** Between its first arrival and its outcome by the times of their files: the clock of a rank may be wrong. */
  readonly waitedMs: number;
  readonly timeoutMs: number;
  /** As the ranks saw them; in rank order. */
  readonly arrivals: readonly ArrivalRecord[];
  /** The arrivals that the launcher sees, which must be the same. */
  readonly seenByLauncher: readonly number[];
}

/** How sure a verdict is. */
export type Confidence = 'high' | 'medium' | 'low';

/** One root cause, or that there is no telling. */
export type HangVerdict =
  | {
      readonly class: HangClass;
      /** The culprits; both sides where it cannot be said which is wrong. */
      readonly ranks: readonly number[];
      readonly place: CodePlace | null;
      readonly confidence: Confidence;
      /** One sentence: what is wrong with whom. */
      readonly says: string;
      /** What speaks for it, a clause each. */
      readonly evidence: readonly string[];
      /** What speaks against the other classes, a clause each: "not dead: pid 4711 runs". */
      readonly whyNot: readonly string[];
      /** What to do, in the imperative. */
      readonly hint: string;
    }
  | {
      readonly class: 'unknown';
      readonly says: string;
      readonly evidence: readonly string[];
      readonly whyNot: readonly string[];
      readonly hint: string;
    };

/** Ranks that do the same. */
export interface RankState {
  readonly ranks: readonly number[];
  /** As "waits at the barrier", "runs", "stopped". */
  readonly state: string;
  readonly place: CodePlace | null;
}

/** What is reported of a hang: `diagnosis` in the machine-readable report. */
export interface Diagnosis {
  readonly barrier: StuckBarrier | null;
  readonly verdict: HangVerdict;
  readonly states: readonly RankState[];
  /** Other ranks that the root cause explains. */
  readonly alsoAffected: readonly number[];
}

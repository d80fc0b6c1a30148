import type { Json } from './json.ts';

/** One meeting of all ranks; every (sequence, name) pair is used once in an attempt. */
export interface BarrierKey {
  /** 0 for the first barrier of an attempt, one more for each that follows. */
  readonly sequence: number;
  readonly name: string;
}

/** What a rank's arrival file says: who came, to which barrier, with what. */
export interface Arrival extends BarrierKey {
  readonly rank: number;
  /** How many ranks it was told there are. */
  readonly worldSize: number;
  readonly pid: number;
  readonly host: string;
  /** Digest of sequence, name and call site: equal on all ranks of a healthy run. */
  readonly fingerprint: string;
  /** Where the program called the barrier, when it is known. */
  readonly callSite: string | null;
  /** Wall clock in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
  /** How long it waits for ranks that do not get on, milliseconds; null for ever, and left out by who does not say. */
  readonly timeoutMs?: number | null;
  readonly payload: Json;
}

/** Who was where when a barrier was given up. */
export interface BarrierEvidence extends BarrierKey {
  readonly arrived: readonly number[];
  readonly missing: readonly number[];
  /** The limit that ended the wait: the time-out, or the hard one. */
  readonly timeoutMs: number;
  /** How long who gave it up had waited, by the clock of the file system; left out by who does not say. */
  readonly waitedMs?: number;
  /** The missing ranks that were seen to get on within the time-out, and how long ago; left out by who does not look. */
  readonly gettingOn?: readonly { readonly rank: number; readonly agoMs: number }[];
}

/** Why a barrier was given up. */
export type AbortReason = 'timeout' | 'mismatch';

/** The write-once outcome of a barrier; every rank obeys it. */
export type Decision =
  | (BarrierKey & {
      readonly outcome: 'open';
      /** The rank that wrote the decision, and the last one to arrive. */
      readonly decidedBy: number;
      /** One payload a rank, in rank order: an all-gather. */
      readonly payloads: readonly Json[];
    })
  | (BarrierEvidence & {
      readonly outcome: 'abort';
      readonly reason: AbortReason;
      readonly decidedBy: number;
      readonly arrivals: readonly Arrival[];
    });

/** A barrier that was given up: the abort decision. */
export type AbortedBarrier = Extract<Decision, { outcome: 'abort' }>;

/** The barrier that was given up, among what was decided; no rank arrives at another one after it. */
export const abortedIn = (decisions: readonly Decision[]): AbortedBarrier | undefined =>
  decisions.find((decision): decision is AbortedBarrier => decision.outcome === 'abort');

/** The meeting place of all ranks of an attempt. */
export interface Barrier {
  /**
   * Waits until every rank has arrived at the barrier of this name and returns all payloads in rank order.
   * Throws CKPT_BARRIER_TIMEOUT or CKPT_BARRIER_MISMATCH, on every rank alike.
   */
  wait(name: string, payload?: Json): Promise<readonly Json[]>;
  /** The same barriers, at which this rank waits so long for the others: milliseconds, Infinity for ever. */
  within(timeoutMs: number): Barrier;
  /** Stops watching. */
  close(): void;
}

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
  /** Digest of sequence, name, call site and what it was given: equal on all ranks of a healthy run. */
  readonly fingerprint: string;
  /** Where the program called the barrier, if it says so. Ranks of ours do not: a stack would cost more than the barrier. */
  readonly callSite: string | null;
  /** What the ranks must have been given alike, as `a 1, b 2`; left out for nothing. */
  readonly given?: string;
  /** Wall clock in milliseconds since the epoch. */
  readonly arrivedAtMs: number;
  /** How long it waits for ranks that do not get on, milliseconds; null for ever, and left out by who does not say. */
  readonly timeoutMs?: number | null;
  readonly payload: Json;
}

/** An arrival as reports have it: without what the rank brought. */
export type ArrivalRecord = Omit<Arrival, 'payload'>;

/** What a report needs of an arrival. */
export const recordOf = ({ payload: _, ...record }: ArrivalRecord & { readonly payload?: Json }): ArrivalRecord => record;

/** What one was given and not all of them; empty for nothing. */
export function givenApart({ given = '' }: Pick<Arrival, 'given'>, all: readonly Pick<Arrival, 'given'>[]): string {
  const parts = ({ given: of = '' }: Pick<Arrival, 'given'>): readonly string[] => of.split(', ');
  return parts({ given })
    .filter((part) => all.some((other) => !parts(other).includes(part)))
    .join(', ');
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

/** The same as reports have it. */
export type AbortRecord = Omit<AbortedBarrier, 'arrivals'> & { readonly arrivals: readonly ArrivalRecord[] };

/** The barrier that was given up, among what was decided; no rank arrives at another one after it. */
export const abortedIn = (decisions: readonly Decision[]): AbortedBarrier | undefined =>
  decisions.find((decision): decision is AbortedBarrier => decision.outcome === 'abort');

/** The meeting place of all ranks of an attempt. */
export interface Barrier {
  /**
   * Waits until every rank has arrived at the barrier of this name, with the same `given`, and returns all payloads in rank
   * order. Throws CKPT_BARRIER_TIMEOUT or CKPT_BARRIER_MISMATCH, on every rank alike.
   */
  wait(name: string, payload?: Json, given?: string): Promise<readonly Json[]>;
  /** The same barriers, at which this rank waits so long for the others: milliseconds, Infinity for ever. */
  within(timeoutMs: number): Barrier;
  /** Stops watching. */
  close(): void;
}

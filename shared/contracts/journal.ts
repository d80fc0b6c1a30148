import type { AbortReason, BarrierKey } from './barrier.ts';
import type { BestEntry } from './checkpoint.ts';
import type { SerializedError } from './errors.ts';
import type { Fault } from './fault.ts';
import type { Json } from './json.ts';
import type { EncodedMetric } from './metric.ts';
import type { Verdict } from './verdict.ts';

/** What a rank says it did. One rank's events stand in the order in which they happened. */
export type JournalEntry =
  /** `bootMs`: from the start of the process to this entry. A rank in another language has its own version for `node`. */
  | {
      readonly type: 'rank:started';
      readonly rank: number;
      readonly worldSize: number;
      readonly pid: number;
      readonly host: string;
      readonly node?: string;
      readonly bootMs?: number;
    }
  | { readonly type: 'scenario:started'; readonly scenario: string }
  | ({ readonly type: 'barrier:arrived'; readonly callSite: string | null } & BarrierKey)
  | ({ readonly type: 'barrier:passed'; readonly waitedMs: number } & BarrierKey)
  | ({ readonly type: 'barrier:aborted'; readonly reason: AbortReason; readonly missing: readonly number[] } & BarrierKey)
  /** The rank made its set of callbacks: the names of those that detect divergence, in their order. */
  | { readonly type: 'callbacks:made'; readonly detectors: readonly string[] }
  /** `local` is what this rank measured, `metric` the mean over the ranks. */
  | { readonly type: 'evaluation:finished'; readonly step: number; readonly local: EncodedMetric; readonly metric: EncodedMetric }
  /** A callback that detects divergence was given the evaluation, and has returned; only if there is a metric. */
  | { readonly type: 'detector:notified'; readonly step: number; readonly callback: string }
  /** Some rank says so: `reason` is in the words of the lowest one. */
  | { readonly type: 'divergence:detected'; readonly step: number; readonly reason: string }
  /** The requests of all ranks before the save taken together, as this rank understood them. */
  | {
      readonly type: 'step:decided';
      readonly step: number;
      readonly stop: boolean;
      readonly abort: boolean;
      readonly save: boolean;
    }
  | { readonly type: 'best:updated'; readonly step: number; readonly best: readonly BestEntry[] }
  /** Training is here: a few times a second, so that whoever waits for the rank sees that it gets on. */
  | { readonly type: 'step:reached'; readonly step: number }
  | { readonly type: 'save:started'; readonly step: number }
  | {
      readonly type: 'checkpoint:committed';
      readonly step: number;
      readonly metric: EncodedMetric;
      readonly manifestSha256: string;
    }
  /** The rank read the checkpoint back; `problem` is what was wrong with it or its files, null for nothing. */
  | { readonly type: 'checkpoint:seen'; readonly step: number; readonly manifestSha256: string; readonly problem: string | null }
  | { readonly type: 'callbacks:restored'; readonly step: number; readonly saved: Json; readonly restored: Json }
  | {
      readonly type: 'retention:decided';
      readonly step: number;
      readonly preserve: readonly number[];
      readonly delete: readonly number[];
    }
  /** The requests of all ranks after the save taken together: what onSave asks for. */
  | { readonly type: 'save:decided'; readonly step: number; readonly stop: boolean; readonly abort: boolean }
  | { readonly type: 'checkpoint:deleted'; readonly step: number; readonly atStep: number }
  /** Rank 0 listed the directory: the committed checkpoints by ascending step. */
  | { readonly type: 'disk:listed'; readonly step: number; readonly checkpoints: readonly number[] }
  | { readonly type: 'log:written'; readonly lines: number }
  /** Bytes that a rank other than rank 0 has printed since its process started. */
  | { readonly type: 'output:measured'; readonly bytes: number }
  | { readonly type: 'fault:injected'; readonly fault: Fault }
  | { readonly type: 'training:ended'; readonly step: number; readonly reason: 'completed' | 'stopped' | 'aborted' }
  | { readonly type: 'verdict:reached'; readonly verdict: Verdict }
  | { readonly type: 'rank:failed'; readonly error: SerializedError }
  /**
   * The process ends before the rank's end: somebody called process.exit, or nothing is left that could settle what it awaits.
   * `doing` is what it was in, and `file` the user's file with that.
   */
  | {
      readonly type: 'rank:left';
      readonly why: 'exit-called' | 'nothing-left';
      readonly doing: string | null;
      readonly file: string | null;
    }
  /** The rank reached its end. Nothing else, and no exit code, says so. */
  | { readonly type: 'rank:finished'; readonly peakMemoryBytes: number };

/** An entry with the wall clock, in milliseconds since the epoch, at which it was written. */
export type JournalEvent = JournalEntry & { readonly atMs: number };

/** Who a rank said it was. */
export const startIn = (journal: readonly JournalEvent[]): Extract<JournalEvent, { type: 'rank:started' }> | undefined =>
  journal.find((event) => event.type === 'rank:started');

/** Why it left that had not come to its end; undefined for a rank that does not say so. */
export const leavingIn = (journal: readonly JournalEvent[]): EntryOf<'rank:left'> | undefined =>
  journal.findLast((event) => event.type === 'rank:left');

/** The entries of one type. */
export type EntryOf<T extends JournalEntry['type']> = Extract<JournalEntry, { type: T }>;

/** One rank's append-only record. */
export interface Journal {
  append(entry: JournalEntry): void;
}

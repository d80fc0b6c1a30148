import type { BestEntry } from './checkpoint.ts';
import type { EncodedMetric } from './metric.ts';

/** What a check came to; failed outweighs unknown outweighs passed. */
export type Status = 'passed' | 'unknown' | 'failed';

/** The worst of several; nothing checked is unknown. */
export function worst(statuses: readonly Status[]): Status {
  if (statuses.includes('failed')) return 'failed';
  return statuses.length === 0 || statuses.includes('unknown') ? 'unknown' : 'passed';
}

/** What one invariant says about one run. */
export interface Finding {
  /** The invariant's name. */
  readonly invariant: string;
  readonly status: Status;
  /** One sentence with the true numbers, printed behind the mark. */
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
  /** The first step at which it does not hold. */
  readonly step?: number;
  /** The ranks concerned, ascending. */
  readonly ranks?: readonly number[];
  /** What to do, in the imperative. */
  readonly hint?: string;
}

/** What became of one checkpoint that was saved. */
export interface CheckpointFate {
  readonly step: number;
  readonly metric: EncodedMetric;
  readonly fate:
    | { readonly kind: 'kept'; readonly newest: number | null; readonly best: number | null }
    | { readonly kind: 'deleted'; readonly atStep: number }
    | { readonly kind: 'missing' };
}

/** Rank 0's judgement of one scenario. */
export interface Verdict {
  readonly scenario: string;
  readonly status: Status;
  readonly metricName: string;
  /** Steps of the checkpoints on disk at the end, ascending. */
  readonly onDisk: readonly number[];
  /** The manager's best list at the end, best first. */
  readonly best: readonly BestEntry[];
  /** Every checkpoint ever saved, by step. */
  readonly checkpoints: readonly CheckpointFate[];
  /** The step at which divergence was detected. */
  readonly divergedAtStep: number | null;
  readonly findings: readonly Finding[];
}

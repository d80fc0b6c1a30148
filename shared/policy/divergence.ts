import type { Json, JsonObject } from '../contracts/json.ts';

/** How fast the two averages follow, and how far apart they may be. */
export interface DivergenceRule {
  /** Weight of a new value in the short average: above 0, at most 1. */
  readonly short: number;
  /** Weight of a new value in the long average: above 0, below {@link short}. */
  readonly long: number;
  /** Above 0, in the metric's own unit. */
  readonly threshold: number;
}

/** The rule of the spike scenario: sees a jump of more than 1.818 if it lasts. */
export const DEFAULT_DIVERGENCE_RULE: DivergenceRule = { short: 0.2, long: 0.01, threshold: 1.5 };

/** What has been seen so far. */
export interface DivergenceState {
  /** The short average; null before the first finite value. Always finite. */
  readonly short: number | null;
  /** The long average; null before the first finite value. Always finite. */
  readonly long: number | null;
  /** Why it fired; null until then. Once fired it stays fired. */
  readonly reason: string | null;
}

/** The state before the first value. */
export const INITIAL_DIVERGENCE: DivergenceState = { short: null, long: null, reason: null };

/**
 * Dual-timescale exponential moving average. Both averages start at the first value x; afterwards
 * s += short · (x − s) and l += long · (x − l). Fires when s − l > threshold, hence on a rise only.
 * A value that is not finite fires at once and leaves the averages as they were.
 */
export function observe(state: DivergenceState, value: number, rule: Partial<DivergenceRule> = {}): DivergenceState {
  if (!Number.isFinite(value)) return { ...state, reason: state.reason ?? `the metric is ${value}` };
  const short = approach(state.short, value, rule.short ?? DEFAULT_DIVERGENCE_RULE.short);
  const long = approach(state.long, value, rule.long ?? DEFAULT_DIVERGENCE_RULE.long);
  const threshold = rule.threshold ?? DEFAULT_DIVERGENCE_RULE.threshold;
  return { short, long, reason: state.reason ?? reasonOf(short - long, threshold) };
}

/** The state as a callback saves it. */
export const encodeDivergence = (state: DivergenceState): JsonObject => ({ ...state });

/** Reads what {@link encodeDivergence} wrote; a field that is missing or of another kind starts anew. */
export const decodeDivergence = (saved: JsonObject): DivergenceState => ({
  short: numberOrNull(saved['short']),
  long: numberOrNull(saved['long']),
  reason: typeof saved['reason'] === 'string' ? saved['reason'] : null,
});

/** average + weight · (value − average), written so that no difference of two large numbers overflows. */
const approach = (average: number | null, value: number, weight: number): number =>
  average === null ? value : average - weight * average + weight * value;

const reasonOf = (gap: number, threshold: number): string | null =>
  gap > threshold ? `the short average is ${gap.toFixed(4)} above the long one, threshold ${threshold}` : null;

const numberOrNull = (saved: Json | undefined): number | null => (typeof saved === 'number' ? saved : null);

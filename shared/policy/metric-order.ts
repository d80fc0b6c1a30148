import type { BestEntry } from '../contracts/checkpoint.ts';
import type { MetricMode } from '../contracts/metric.ts';

const LOWER_IS_BETTER = new Set(['loss', 'perplexity', 'error', 'wer', 'cer']);

/** `min` when a whole word of the name, split at non-letters, is loss, perplexity, error, wer or cer; else `max`. */
export function defaultMode(metricName: string): MetricMode {
  const words = metricName.toLowerCase().split(/[^\p{L}]+/u);
  return words.some((word) => LOWER_IS_BETTER.has(word)) ? 'min' : 'max';
}

/** Whether a metric can be ranked: there, and finite. 0 and -0 are metrics. */
export const isRankable = (metric: number | undefined): metric is number => metric !== undefined && Number.isFinite(metric);

/** Orders two finite metrics: negative when `a` is better, 0 when they are equal (0 and -0 are). */
export function compareMetric(a: number, b: number, mode: MetricMode): number {
  const ascending = a < b ? -1 : Number(a > b);
  return mode === 'min' ? ascending : 0 - ascending;
}

/** Orders checkpoints best first; of equal metrics the earlier checkpoint wins. */
export const bestFirst =
  (mode: MetricMode) =>
  (a: BestEntry, b: BestEntry): number =>
    compareMetric(a.metric, b.metric, mode) || a.step - b.step;

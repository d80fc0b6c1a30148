/** Whether a smaller (`min`) or a larger (`max`) metric is better. */
export type MetricMode = 'min' | 'max';

/** A metric as JSON can hold it: non-finite numbers and negative zero become words. */
export type EncodedMetric = number | 'NaN' | 'Infinity' | '-Infinity' | '-0' | null;

/** True for what {@link encodeMetric} wrote. */
export const isEncodedMetric = (value: unknown): value is EncodedMetric =>
  value === null || typeof value === 'number' || ['NaN', 'Infinity', '-Infinity', '-0'].some((word) => word === value);

/** Writes a metric for JSON without losing NaN, the infinities or -0; a missing metric is null. */
export function encodeMetric(metric: number | undefined): EncodedMetric {
  if (metric === undefined) return null;
  if (Number.isNaN(metric)) return 'NaN';
  if (metric === Number.POSITIVE_INFINITY) return 'Infinity';
  if (metric === Number.NEGATIVE_INFINITY) return '-Infinity';
  return Object.is(metric, -0) ? '-0' : metric;
}

/** Reads what {@link encodeMetric} wrote. */
export function decodeMetric(encoded: EncodedMetric): number | undefined {
  return encoded === null ? undefined : Number(encoded);
}

/** A metric as people read it: four decimals, as the user's document prints them. */
export function formatMetric(metric: number | undefined): string {
  if (metric === undefined) return 'none';
  return Number.isFinite(metric) ? metric.toFixed(4) : String(metric);
}

import fc from 'fast-check';
import type { CheckpointInfo } from '../../../shared/contracts/checkpoint.ts';

/** A metric as training may give it: often tied, sometimes zero of either sign, not finite, tiny, huge or missing. */
export const anyMetric: fc.Arbitrary<number | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 3, arbitrary: fc.double() },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

/** Checkpoints at steps 25, 50, 75, ... with such metrics. */
export const anyCheckpoints: fc.Arbitrary<readonly CheckpointInfo[]> = fc
  .array(anyMetric, { maxLength: 30 })
  .map((metrics) => metrics.map((metric, index) => ({ step: 25 * (index + 1), metric })));

/** The best n found the slow way: pick the best of what is left, n times; the first of equals is picked. */
export function naiveBest(checkpoints: readonly CheckpointInfo[], n: number, mode: 'min' | 'max'): readonly number[] {
  const left = checkpoints.flatMap(({ step, metric }) =>
    metric !== undefined && Math.abs(metric) < Infinity ? [{ step, metric }] : [],
  );
  const picked: number[] = [];
  while (picked.length < n && left.length > 0) {
    let pick = 0;
    for (const [index, { metric }] of left.entries()) {
      const champion = left[pick]?.metric ?? metric;
      if (mode === 'min' ? metric < champion : metric > champion) pick = index;
    }
    picked.push(...left.splice(pick, 1).map(({ step }) => step));
  }
  return picked;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BestEntry, CheckpointInfo } from '../../../shared/contracts/checkpoint.ts';
import { updateBestCheckpoints } from '../../../shared/policy/best-list.ts';
import '../../property-seed.ts';
import { anyCheckpoints, naiveBest } from './metric-sequences.ts';

const listAfter = (checkpoints: readonly CheckpointInfo[], preserveNBest: number, mode: 'min' | 'max'): readonly BestEntry[] =>
  checkpoints.reduce<readonly BestEntry[]>(
    (best, checkpoint) => updateBestCheckpoints(best, checkpoint, { preserveNBest, mode }),
    [],
  );

const of = (...metrics: (number | undefined)[]): readonly CheckpointInfo[] =>
  metrics.map((metric, index) => ({ step: index + 1, metric }));

const metricsAfter = (n: number, mode: 'min' | 'max', ...metrics: (number | undefined)[]): readonly number[] =>
  listAfter(of(...metrics), n, mode).map(({ metric }) => metric);

describe('updateBestCheckpoints', () => {
  it('agrees with picking the best of everything, whatever the metrics', () => {
    fc.assert(
      fc.property(anyCheckpoints, fc.integer({ min: 0, max: 6 }), fc.constantFrom('min', 'max'), (checkpoints, n, mode) => {
        expect(listAfter(checkpoints, n, mode).map(({ step }) => step)).toEqual(naiveBest(checkpoints, n, mode));
      }),
      { numRuns: 500 },
    );
  });

  it('admits a checkpoint that is better than the worst of the list only', () => {
    expect(metricsAfter(2, 'min', 3, 2, 2.5)).toEqual([2, 2.5]);
    expect(metricsAfter(3, 'min', 3, 2, 1, 1.5, 1.2, 1.1)).toEqual([1, 1.1, 1.2]);
    expect(metricsAfter(2, 'max', 0.5, 0.9, 0.7)).toEqual([0.9, 0.7]);
    expect(metricsAfter(2, 'min', 3.5, 3.6, 3.15)).toEqual([3.15, 3.5]);
  });

  it('never admits what is not finite, and takes 0 for a metric', () => {
    expect(metricsAfter(2, 'min', Number.NaN, 2, Number.NEGATIVE_INFINITY, 1, 0.5)).toEqual([0.5, 1]);
    expect(metricsAfter(1, 'min', 0.5, 0)).toEqual([0]);
    expect(metricsAfter(1, 'max', undefined, Number.POSITIVE_INFINITY)).toEqual([]);
  });

  it('keeps the earlier of equals', () => {
    expect(listAfter(of(1, 1, 1), 2, 'min').map(({ step }) => step)).toEqual([1, 2]);
    expect(listAfter(of(0, -0), 1, 'max').map(({ step }) => step)).toEqual([1]);
  });

  it('replaces the entry of a step that is saved again, and keeps it when there is no new metric', () => {
    const best = listAfter(of(3, 2), 2, 'min');
    expect(updateBestCheckpoints(best, { step: 2, metric: 5 }, { preserveNBest: 2, mode: 'min' })).toEqual([
      { step: 1, metric: 3 },
      { step: 2, metric: 5 },
    ]);
    expect(updateBestCheckpoints(best, { step: 2, metric: undefined }, { preserveNBest: 2, mode: 'min' })).toBe(best);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestFirst, compareMetric, defaultMode, isRankable } from '../../../shared/policy/metric-order.ts';
import '../../property-seed.ts';

describe('defaultMode', () => {
  it.each(['loss', 'eval_loss', 'train/Loss', 'perplexity', 'eval-perplexity', 'word.error', 'WER', 'cer2', 'loss@5'])(
    'is min for %s',
    (name) => expect(defaultMode(name)).toBe('min'),
  );

  it.each(['accuracy', 'f1', 'lossless', 'evalLoss', 'answer', 'concert', 'errors', 'bleu', '', '42'])('is max for %j', (name) =>
    expect(defaultMode(name)).toBe('max'),
  );
});

describe('compareMetric', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

  it('puts the smaller first for min and the larger first for max', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        expect(Math.sign(compareMetric(a, b, 'min'))).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(Math.sign(compareMetric(a, b, 'max'))).toBe(a > b ? -1 : a < b ? 1 : 0);
      }),
    );
  });

  it('counts 0 and -0 as equal metrics, and both as metrics', () => {
    expect(compareMetric(0, -0, 'min')).toBe(0);
    expect(compareMetric(0, -0, 'max')).toBe(0);
    expect([0, -0, 1e-320].every(isRankable)).toBe(true);
    expect([undefined, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].some(isRankable)).toBe(false);
  });

  it('lets the earlier of equals win', () => {
    const entries = [
      { step: 10, metric: 1 },
      { step: 9, metric: 1 },
      { step: 8, metric: -0 },
      { step: 7, metric: 0 },
    ];
    expect(entries.toSorted(bestFirst('min')).map(({ step }) => step)).toEqual([7, 8, 9, 10]);
    expect(entries.toSorted(bestFirst('max')).map(({ step }) => step)).toEqual([9, 10, 7, 8]);
  });
});

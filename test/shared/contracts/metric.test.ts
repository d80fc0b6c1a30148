import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMetric, encodeMetric, formatMetric, isEncodedMetric } from '../../../shared/contracts/metric.ts';
import '../../property-seed.ts';

test('every metric survives JSON, -0 and what is not finite among them', () => {
  fc.assert(
    fc.property(fc.option(fc.double(), { nil: undefined }), (metric) => {
      const text = JSON.stringify({ metric: encodeMetric(metric) });
      const { metric: read } = JSON.parse(text) as { readonly metric: ReturnType<typeof encodeMetric> };
      expect(Object.is(decodeMetric(read), metric)).toBe(true);
      expect(isEncodedMetric(read)).toBe(true);
    }),
    { numRuns: 1000, examples: [[Number.NaN], [-0], [0], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], [undefined]] },
  );
});

test('a finite metric stays a number in JSON', () => {
  expect([2.8234, 0, -1].map(encodeMetric)).toEqual([2.8234, 0, -1]);
});

test('nothing else is an encoded metric', () => {
  expect([undefined, 'good', '1', true, [], {}].filter(isEncodedMetric)).toEqual([]);
});

describe('a metric as people read it', () => {
  test.for([
    [2.8234006738, '2.8234'],
    [8, '8.0000'],
    [-0.00004, '-0.0000'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [undefined, 'none'],
  ] as const)('%d is %s', ([metric, text]) => expect(formatMetric(metric)).toBe(text));
});

import { expect, test } from 'vitest';
import { encodeRuling, isSaveResult, type Ruling, rulingIn } from '../../../rank/checkpoint/ruling.ts';
import type { Json } from '../../../shared/contracts/json.ts';

const REQUEST = { stop: false, abort: false, divergence: null };

const RULING: Ruling = { delete: [25], best: [{ step: 50, metric: -0 }] };

const asRead = (value: unknown): Json => JSON.parse(JSON.stringify(value));

test('the ruling of rank 0 comes through the barrier as it was', () => {
  const brought = asRead({ ...REQUEST, ruling: encodeRuling(RULING) });
  expect(isSaveResult(brought) ? rulingIn([brought]) : undefined).toEqual(RULING);
});

test('where rank 0 brings none, nothing is made up', () => {
  const missing = expect.objectContaining({ code: 'CKPT_INTERNAL', message: 'rank 0 brought no ruling' });
  expect(() => rulingIn([])).toThrow(missing);
  expect(() => rulingIn([{ ...REQUEST, ruling: null }])).toThrow(missing);
});

test.for<[string, object]>([
  ['a divergence that is no text', { divergence: 7 }],
  ['no divergence', { divergence: undefined }],
  ['a step to delete that is none', { ruling: { delete: ['25'], best: [] } }],
  ['a best entry that is none', { ruling: { delete: [], best: [7] } }],
  ['a best entry without a step', { ruling: { delete: [], best: [{ metric: 1 }] } }],
  ['a best entry without a metric', { ruling: { delete: [], best: [{ step: 25, metric: 'good' }] } }],
])('what a rank may not bring: %s', ([, fields]) => {
  expect(isSaveResult(asRead({ ...REQUEST, ruling: encodeRuling(RULING), ...fields }))).toBe(false);
});

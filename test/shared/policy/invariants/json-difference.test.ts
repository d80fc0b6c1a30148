import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDifference } from '../../../../shared/policy/invariants/json-difference.ts';
import '../../../property-seed.ts';

describe('jsonDifference', () => {
  it('finds none between a value and its copy through JSON, nor between different orders of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonDifference(JSON.parse(JSON.stringify(value)), JSON.parse(JSON.stringify(value)))).toBeUndefined();
      }),
    );
    expect(jsonDifference({ a: 1, b: { c: [] } }, { b: { c: [] }, a: 1 })).toBeUndefined();
  });

  it('finds one exactly when the texts differ, for values whose keys stand in one order', () => {
    const ordered = fc.array(
      fc.oneof(fc.constantFrom(null, true, 'x', 1), fc.array(fc.constantFrom(0, 'y', null), { maxLength: 2 })),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(ordered, ordered, (left, right) => {
        expect(jsonDifference(left, right) === undefined).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
    );
  });

  it.each([
    ['another value', { a: [1, 2] }, { a: [1, 3] }, { path: ['a', '1'], left: 2, right: 3 }],
    ['a key that the left lacks', { a: 1 }, { a: 1, b: 2 }, { path: ['b'], left: undefined, right: 2 }],
    ['a key that the right lacks', { a: { b: null } }, { a: {} }, { path: ['a', 'b'], left: null, right: undefined }],
    ['an array for an object', { a: [7] }, { a: { 0: 7 } }, { path: ['a'], left: [7], right: { 0: 7 } }],
    ['an empty object for null', {}, null, { path: [], left: {}, right: null }],
    ['a text for a number', { a: 1 }, { a: '1' }, { path: ['a'], left: 1, right: '1' }],
  ])('finds %s', (_, left, right, difference) => expect(jsonDifference(left, right)).toEqual(difference));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatRanks } from '../../../shared/contracts/rank-set.ts';
import '../../property-seed.ts';

test.for([
  [[], 'no rank'],
  [[3], 'rank 3'],
  [[1, 0], 'ranks 0,1'],
  [[0, 1, 2], 'ranks 0-2'],
  [[7, 5, 0, 1, 2, 3, 7], 'ranks 0-3,5,7'],
  [[0, 1, 3, 4, 5], 'ranks 0,1,3-5'],
] as const)('%o is spelled %s', ([ranks, text]) => expect(formatRanks(ranks)).toBe(text));

/** Reads a spelled set the slow way. */
const parse = (text: string): readonly number[] =>
  text === 'no rank'
    ? []
    : text
        .replace(/^ranks? /, '')
        .split(',')
        .flatMap((part) => {
          const [first = 0, last = first] = part.split('-').map(Number);
          return Array.from({ length: last - first + 1 }, (_, index) => first + index);
        });

test('any set is spelled so that it can be read back', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 70 })), (ranks) => {
      expect(parse(formatRanks(ranks))).toEqual([...new Set(ranks)].sort((a, b) => a - b));
    }),
  );
});

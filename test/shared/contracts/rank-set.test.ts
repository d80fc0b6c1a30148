import { expect, test } from 'vitest';
import { formatRanks } from '../../../shared/contracts/rank-set.ts';

test.each([
  [[], 'no rank'],
  [[1], 'rank 1'],
  [[3, 1], 'ranks 1,3'],
  [[0, 1, 2, 3, 7], 'ranks 0-3,7'],
  [[5, 4, 5, 6], 'ranks 4-6'],
  [[0, 1, 5, 6, 7], 'ranks 0,1,5-7'],
])('%j is spelled %s', (ranks, spelled) => {
  expect(formatRanks(ranks)).toBe(spelled);
});

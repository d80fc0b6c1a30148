import { expect, it } from 'vitest';
import { dissent } from '../../../../shared/policy/invariants/agreement.ts';

it('names the ranks that do not say what most say', () => {
  expect(dissent(['a', 'a', 'a'])).toEqual({ agreed: 'a', ranks: [] });
  expect(dissent(['a', 'b', 'b', 'b'])).toEqual({ agreed: 'b', ranks: [0] });
  expect(dissent(['a', 'b', 'c', 'b'])).toEqual({ agreed: 'b', ranks: [0, 2] });
});

it('takes the word of the lowest rank when the votes are equal', () => {
  expect(dissent(['a', 'b'])).toEqual({ agreed: 'a', ranks: [1] });
  expect(dissent(['c', 'b', 'b', 'a', 'a'])).toEqual({ agreed: 'b', ranks: [0, 3, 4] });
});

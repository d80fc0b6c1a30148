import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBefore, NOTHING, withCheckpoint } from '../../../../shared/policy/invariants/ranking.ts';
import '../../../property-seed.ts';
import { anyCheckpoints, naiveBest } from '../metric-sequences.ts';

const anyLimits = fc.record({
  mode: fc.constantFrom('min' as const, 'max' as const),
  preserveNBest: fc.integer({ min: 0, max: 5 }),
  saveTotalLimit: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant('none' as const)),
});

/** Checkpoints in any order, some of them twice. */
const anyOrder = anyCheckpoints.chain((checkpoints) =>
  fc.tuple(fc.constant(checkpoints), fc.shuffledSubarray([...checkpoints]), fc.shuffledSubarray([...checkpoints])),
);

test('one after the other, in whatever order and however often, they come to the best and the newest of all', () => {
  fc.assert(
    fc.property(anyOrder, anyLimits, ([all, ...extra], limits) => {
      const steps = all.map(({ step }) => step).reverse();
      const [first, second] = extra;
      const rest = all.filter((checkpoint) => !first.includes(checkpoint));
      const ranking = [...first, ...second, ...rest].reduce((before, next) => withCheckpoint(before, next, limits), NOTHING);
      expect(ranking.best.map(({ step }) => step)).toEqual(naiveBest(all, limits.preserveNBest, limits.mode));
      expect(ranking.newest).toEqual(limits.saveTotalLimit === 'none' ? steps : steps.slice(0, limits.saveTotalLimit));
    }),
  );
});

test('the better one stands first, and of equals the earlier', () => {
  const [low, high, late] = [
    { step: 50, metric: 1 },
    { step: 25, metric: 2 },
    { step: 75, metric: 1 },
  ];
  expect([isBefore(low, high, 'min'), isBefore(low, high, 'max')]).toEqual([true, false]);
  expect([isBefore(low, late, 'min'), isBefore(late, low, 'max')]).toEqual([true, false]);
});

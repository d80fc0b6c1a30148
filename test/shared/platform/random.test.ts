import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RandomStream, randomHex, randomStream, rankSeed } from '../../../shared/platform/random.ts';
import '../../property-seed.ts';

const take = (stream: RandomStream, count: number): readonly number[] => Array.from({ length: count }, () => stream.next());

test('Mulberry32 is Mulberry32', () => {
  // The first numbers of its author's C code for the seed 0, over 2 ** 32.
  expect(take(randomStream(0), 3).map((number) => number * 2 ** 32)).toEqual([1144304738, 1416247, 958946056]);
});

test('a stream goes on from its saved state as if nothing had happened', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat({ max: 50 }), (seed, before) => {
      const stream = randomStream(seed);
      take(stream, before);
      const restored = randomStream(Number(JSON.parse(JSON.stringify(stream.state))));
      expect(take(restored, 10)).toEqual(take(stream, 10));
    }),
  );
});

test('every number is at least 0 and below 1', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      for (const number of take(randomStream(seed), 20)) expect(number >= 0 && number < 1).toBe(true);
    }),
  );
});

test('no two ranks of a run share a seed', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 32 - 1 }), (seed) => {
      const seeds = Array.from({ length: 512 }, (_, rank) => rankSeed(seed, rank));
      expect(new Set(seeds).size).toBe(512);
    }),
  );
});

test('names that must not meet are hexadecimal, as long as asked for, and different', () => {
  const names = Array.from({ length: 100 }, () => randomHex(15));
  expect(names.every((name) => /^[0-9a-f]{15}$/.test(name))).toBe(true);
  expect(new Set(names).size).toBe(100);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { environmentOf, type World, worldFromEnvironment } from '../../../shared/contracts/world.ts';
import '../../property-seed.ts';

const anyWorld: fc.Arbitrary<World> = fc.integer({ min: 1, max: 4096 }).chain((localWorldSize) =>
  fc.integer({ min: 1, max: 8 }).chain((machines) =>
    fc.record({
      rank: fc.nat({ max: localWorldSize * machines - 1 }),
      localRank: fc.nat({ max: localWorldSize - 1 }),
      worldSize: fc.constant(localWorldSize * machines),
      localWorldSize: fc.constant(localWorldSize),
      groupRank: fc.nat({ max: machines - 1 }),
      runId: fc.string(),
      attempt: fc.nat(),
    }),
  ),
);

const MASTER = { host: '127.0.0.1', port: 29_500 };

const ONE: World = { rank: 0, localRank: 0, worldSize: 1, localWorldSize: 1, groupRank: 0, runId: 'run', attempt: 0 };

test('a rank reads back the world that the launcher gave it', () => {
  fc.assert(
    fc.property(anyWorld, (world) => {
      expect(worldFromEnvironment(environmentOf(world, MASTER))).toEqual(world);
    }),
  );
});

test('the launcher gives every variable that torchrun documents', () => {
  expect(Object.keys(environmentOf(ONE, MASTER))).toEqual(
    expect.arrayContaining([
      ...['LOCAL_RANK', 'RANK', 'GROUP_RANK', 'ROLE_RANK', 'LOCAL_WORLD_SIZE', 'WORLD_SIZE', 'ROLE_WORLD_SIZE'],
      ...['MASTER_ADDR', 'MASTER_PORT', 'TORCHELASTIC_RESTART_COUNT', 'TORCHELASTIC_MAX_RESTARTS', 'TORCHELASTIC_RUN_ID'],
    ]),
  );
});

describe('an environment that no launcher gives is refused by the name of the variable', () => {
  test.for([
    ['RANK', undefined],
    ['RANK', ''],
    ['RANK', '1'],
    ['RANK', '-1'],
    ['RANK', '0.0'],
    ['RANK', ' 0'],
    ['LOCAL_RANK', '1'],
    ['WORLD_SIZE', 'two'],
    ['WORLD_SIZE', '0'],
    ['TORCHELASTIC_RESTART_COUNT', '1e3'],
  ] as const)('%s=%s', ([name, value]) => {
    const variable = name === 'WORLD_SIZE' && value === '0' ? 'RANK' : name;
    expect(() => worldFromEnvironment({ ...environmentOf(ONE, MASTER), [name]: value })).toThrow(
      expect.objectContaining({ name: 'RangeError', message: expect.stringMatching(new RegExp(`^${variable}=`)) }),
    );
  });
});

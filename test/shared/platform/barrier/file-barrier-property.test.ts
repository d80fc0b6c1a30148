import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodePlatform } from '../../../../shared/platform/platform.ts';
import { PROPERTY_SEED } from '../../../property-seed.ts';
import { meetingPlace, ranksOf, withoutWatch } from './meeting-place.ts';

/** Each rank's pauses before its barriers, in turns of the event loop. */
const world = fc
  .integer({ min: 2, max: 5 })
  .chain((worldSize) =>
    fc.array(fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }), { minLength: worldSize, maxLength: worldSize }),
  );

test('in whatever order ranks arrive, all get the same payloads at every barrier', async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.boolean(), async (pauses, isWatched) => {
      const place = meetingPlace(pauses.length);
      const programs = pauses.map(async (turns, rank) => {
        const barrier = place.join(rank, { platform: isWatched ? nodePlatform() : withoutWatch() });
        const seen: unknown[] = [];
        for (const [round, count] of turns.entries()) {
          for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
          seen.push(await barrier.wait(`round ${round}`, [rank, round]));
        }
        return seen;
      });
      const expected = pauses[0]?.map((_, round) => ranksOf(pauses.length).map((rank) => [rank, round]));
      for (const seen of await Promise.all(programs)) expect(seen).toEqual(expected);
    }),
    { seed: PROPERTY_SEED, numRuns: 40 },
  );
});

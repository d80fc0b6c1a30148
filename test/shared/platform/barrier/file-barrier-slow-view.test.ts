import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withFreshView } from '../../../../shared/platform/fresh-view.ts';
import { openJournal, readJournal } from '../../../../shared/platform/journal-file.ts';
import { nodePlatform, type Platform } from '../../../../shared/platform/platform.ts';
import { randomStream } from '../../../../shared/platform/random.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';
import { PROPERTY_SEED } from '../../../property-seed.ts';
import { slowView } from '../slow-view.ts';
import { meetingPlace, ranksOf } from './meeting-place.ts';

const ROUNDS = 6;

/** Each rank's pauses before its barriers, in turns of the event loop, and the seed of what its host believes for how long. */
const world = fc.integer({ min: 2, max: 4 }).chain((worldSize) =>
  fc.array(fc.record({ seed: fc.nat(), turns: fc.array(fc.nat(6), { minLength: ROUNDS, maxLength: ROUNDS }) }), {
    minLength: worldSize,
    maxLength: worldSize,
  }),
);

/** A host of its own, which believes what it sees for up to so long. */
function hostOf(root: string, seed: number, longestMs: number, heeds: boolean): Platform {
  const random = randomStream(seed);
  const disk = slowView(root, () => (longestMs === Infinity ? Infinity : random.next() * longestMs), heeds);
  return withFreshView({ ...nodePlatform(), host: `host-${seed}`, disk }, root);
}

test.for([
  ['for ever', Infinity, true, 15],
  ['for up to 60 ms, whatever is done about it', 60, false, 10],
] as const)(
  'ranks whose hosts believe what they saw %s meet, and see what others wrote before',
  async ([, longestMs, heeds, numRuns]) => {
    const waits: number[] = [];
    await fc.assert(
      fc.asyncProperty(world, async (hosts) => {
        const place = meetingPlace(hosts.length);
        const journals = temporaryDirectory();
        const path = (rank: number): string => join(journals, `rank-${rank}.jsonl`);
        const programs = hosts.map(async ({ seed, turns }, rank) => {
          const barrier = place.join(rank, { platform: hostOf(place.directory, seed, longestMs, heeds) });
          const own = hostOf(journals, seed, longestMs, heeds);
          const journal = openJournal(own, path(rank));
          const seen: unknown[] = [];
          for (const [round, count] of turns.entries()) {
            for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
            journal.append({ type: 'step:reached', step: round });
            const startedAtMs = performance.now();
            seen.push(await barrier.wait(`round ${round}`, [rank, round]));
            waits.push(performance.now() - startedAtMs);
            if (heeds) for (const other of ranksOf(hosts.length)) expect(stepsOf(own, path(other))).toContain(round);
          }
          journal.close();
          return seen;
        });
        const expected = Array.from({ length: ROUNDS }, (_, round) => ranksOf(hosts.length).map((rank) => [rank, round]));
        for (const seen of await Promise.all(programs)) expect(seen).toEqual(expected);
      }),
      { seed: PROPERTY_SEED, numRuns },
    );
    waits.sort((a, b) => a - b);
    const spell = (part: number): string => `${(waits[Math.floor(part * (waits.length - 1))] ?? 0).toFixed(1)} ms`;
    console.log(
      `${waits.length} waits, believing ${longestMs} ms: median ${spell(0.5)}, 99 % ${spell(0.99)}, longest ${spell(1)}`,
    );
  },
);

const stepsOf = ({ disk }: Platform, path: string): readonly number[] =>
  readJournal(disk, path).events.flatMap((event) => (event.type === 'step:reached' ? [event.step] : []));

test('who is missing is named alike by all, however little of it their hosts see by themselves', async () => {
  const place = meetingPlace(4);
  const waits = [0, 1, 3].map((rank) =>
    place
      .join(rank, { platform: hostOf(place.directory, rank, Infinity, true), timeoutMs: 600 })
      .wait('away')
      .catch((thrown: unknown) => thrown),
  );
  for (const error of await Promise.all(waits))
    expect(error).toMatchObject({ code: 'CKPT_BARRIER_TIMEOUT', evidence: { missing: 'rank 2' } });
});

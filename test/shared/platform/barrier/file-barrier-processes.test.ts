import { expect, test } from 'vitest';
import { runCommand, temporaryDirectory } from '../../../e2e/run-command.ts';
import { buildFixture } from '../../../fixtures/build-fixture.ts';
import { ranksOf } from './meeting-place.ts';

const WORLD_SIZE = 5;
const BARRIERS = 40;

/** Runs a process for each rank; rank 3 kills itself before one of its barriers. */
async function runRanks(diesAt: number | undefined): Promise<readonly string[]> {
  const directory = temporaryDirectory();
  const program = buildFixture('barrier-rank', directory);
  const args = (rank: number): readonly string[] => [
    `${directory}/barriers`, `${rank}`, `${WORLD_SIZE}`, `${BARRIERS}`, rank === 3 && diesAt !== undefined ? `${diesAt}` : 'none',
  ]; // biome-ignore format: a list
  const results = await Promise.all(ranksOf(WORLD_SIZE).map((rank) => runCommand(process.execPath, [program, ...args(rank)])));
  return results.map(({ stdout }) => stdout.trim());
}

test('processes meet at one barrier after the other', async () => {
  const sumOfRanks = (WORLD_SIZE * (WORLD_SIZE - 1)) / 2;
  const sum = BARRIERS * sumOfRanks + (WORLD_SIZE * BARRIERS * (BARRIERS - 1)) / 2;
  expect(await runRanks(undefined)).toEqual(ranksOf(WORLD_SIZE).map(() => `${sum}`));
});

test('when one is killed, all others are told which and where', async () => {
  const message = 'barrier #17 "step@17" timed out after 3 s: missing rank 3 (arrived: ranks 0-2,4)';
  expect(await runRanks(17)).toEqual([message, message, message, '', message]);
});

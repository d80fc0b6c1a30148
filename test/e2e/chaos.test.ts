import { expect, test } from 'vitest';
import { playRound } from '../../scripts/chaos/round.ts';
import { drawRound } from '../../scripts/chaos/round-plan.ts';
import { ROOT } from '../../scripts/source-files.ts';
import { randomStream } from '../../shared/platform/random.ts';
import { temporaryDirectory } from './run-command.ts';

const ROUNDS = 8;

test('whatever strikes launcher and ranks, no process, lease or temporary directory stays, and exit codes are as documented', async () => {
  const directory = temporaryDirectory();
  const launcher = [process.execPath, `${ROOT}dist/ckpt-run.cjs`];
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() >>> 0);
  const chance = randomStream(seed);
  for (let round = 0; round < ROUNDS; round += 1) {
    expect({ seed, problems: await playRound(launcher, directory, drawRound(chance)) }).toEqual({ seed, problems: [] });
  }
});

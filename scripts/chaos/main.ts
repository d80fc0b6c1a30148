import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../../shared/platform/random.ts';
import { ROOT } from '../source-files.ts';
import { playRound } from './round.ts';
import { drawRound } from './round-plan.ts';

/** `npm run chaos -- [rounds] [seed]`: launches programs and strikes them at random; ends with 1 if anything was not as documented. */
async function main([rounds = '300', seed = String(Date.now() >>> 0)]: readonly string[]): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-chaos-'));
  const launcher = [process.execPath, `${ROOT}dist/ckpt-run.cjs`];
  const chance = randomStream(Number(seed));
  console.log(`${rounds} rounds with seed ${seed}`);
  let failed = 0;
  for (let round = 0; round < Number(rounds); round += 1) {
    const problems = await playRound(launcher, directory, drawRound(chance));
    for (const problem of problems) console.log(`round ${round}: ${problem}`);
    if (problems.length > 0) failed += 1;
  }
  console.log(`${failed} of ${rounds} rounds failed`);
  rmSync(directory, { recursive: true, force: true });
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

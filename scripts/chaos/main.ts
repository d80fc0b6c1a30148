import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../../shared/platform/random.ts';
import { ROOT } from '../source-files.ts';
import { playRound } from './round.ts';
import { drawRound, type RoundPlan } from './round-plan.ts';

/** A round is mostly waiting. Each worker has a named directory of its own. */
const WORKERS = 4;

/** `npm run chaos -- [rounds] [seed]`: launches programs and strikes them at random; ends with 1 if anything was not as documented. */
async function main([rounds = '300', seed = String(Date.now() % 2 ** 32)]: readonly string[]): Promise<number> {
  if (![rounds, seed].every((word) => /^\d+$/.test(word))) {
    console.log(`chaos: got ${rounds} ${seed}, expected the number of rounds and a seed, both whole numbers`);
    return 2;
  }
  const chance = randomStream(Number(seed));
  const plans = Array.from({ length: Number(rounds) }, () => drawRound(chance));
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-chaos-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  console.log(`${rounds} rounds with seed ${seed}`);
  const queue = plans.entries();
  const failed = await Promise.all(
    Array.from({ length: WORKERS }, (_, worker) => work(queue, join(directory, `worker-${worker}-`))),
  );
  const count = failed.reduce((sum, each) => sum + each, 0);
  console.log(`${count} of ${rounds} rounds with seed ${seed} failed`);
  return count === 0 ? 0 : 1;
}

/** Plays rounds as long as there are any; gives how many failed. */
async function work(queue: Iterable<[number, RoundPlan]>, prefix: string): Promise<number> {
  const directory = mkdtempSync(prefix);
  const command = [process.execPath, `${ROOT}dist/ckpt-run.cjs`];
  let failed = 0;
  for (const [round, plan] of queue) {
    const problems = await playRound(command, directory, plan).catch((thrown: unknown) => [`chaos itself: ${inWords(thrown)}`]);
    for (const problem of problems) console.log(`round ${round}: ${problem}`);
    if (problems.length > 0) failed += 1;
  }
  return failed;
}

const inWords = (thrown: unknown): string => (thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));

/** However chaos ends, it says why: on standard error where standard output is gone. */
function sayWhyItEnds(): (code: number) => never {
  let isMeant = false;
  // Each launcher that runs has one, to end with us.
  process.setMaxListeners(0);
  const end = (code: number, why?: string): never => {
    if (why !== undefined) sayLast(why);
    isMeant = true;
    process.exit(code);
  };
  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => end(code, `chaos was ended by ${signal}`));
  }
  process.on('uncaughtException', (thrown) => end(70, `chaos broke off: ${inWords(thrown)}`));
  process.once('exit', (code) => {
    if (!isMeant) sayLast(`chaos ended before its time, with ${code}`);
  });
  return end;
}

function sayLast(text: string): void {
  try {
    writeSync(1, `${text}\n`);
  } catch {
    writeSync(2, `${text}\n`);
  }
}

const end = sayWhyItEnds();
end(await main(process.argv.slice(2)));

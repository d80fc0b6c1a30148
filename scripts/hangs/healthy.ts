import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RandomStream, randomStream } from '../../shared/platform/random.ts';
import { observeRun } from './observed-run.ts';
import { sideBySide } from './side-by-side.ts';
import { SLOW_KINDS, writeSlowScenario } from './slow-scenario.ts';

/** They are in each other's way, as jobs are. */
const WIDTH = 4;

const HEALTHY = 500;
const SLOW = 200;

/** Runs what gets to its end, and counts the false alarms. Gives the exit code. */
export async function playHealthy(seed: number): Promise<number> {
  const chance = randomStream(seed);
  console.log(`${HEALTHY} healthy and ${SLOW} slow runs with seed ${seed}`);
  const healthy = await countAlarms(Array.from({ length: HEALTHY }, () => healthyRun(chance)));
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-slow-'));
  const slow = await countAlarms(Array.from({ length: SLOW }, (_, each) => slowRun(chance, each, directory)));
  rmSync(directory, { recursive: true });
  console.log(`${healthy} false alarms in ${HEALTHY} healthy runs, ${slow} in ${SLOW} slow ones, with seed ${seed}`);
  return healthy + slow === 0 ? 0 : 1;
}

async function countAlarms(runs: readonly (readonly string[])[]): Promise<number> {
  const alarms = await sideBySide(WIDTH, runs, async (args) => {
    const { code, stderr } = await observeRun(args, false);
    const isAlarm = code !== 0 || stderr.split('\n').some(isComplaint);
    if (isAlarm) console.log(`${args.join(' ')} ended with ${code}\n${stderr}`);
    return isAlarm;
  });
  return alarms.filter(Boolean).length;
}

const below = (chance: RandomStream, count: number): number => Math.floor(chance.next() * count);

function healthyRun(chance: RandomStream): readonly string[] {
  const numSteps = 10 * (2 + below(chance, 6));
  return [...common(chance, 2 + below(chance, 3)), '--scenario=basic', '--barrier-timeout=2', ...steps(numSteps, 10)];
}

/** Steps may be told, and for whom a barrier waits, but not that a rank hangs. */
const isComplaint = (line: string): boolean =>
  !/^(?:$|ckpt-run: waiting |\S+ +step +\d+ )/.test(line) || / do(?:es)? not get on\b/.test(line);

/** A rank that takes longer than the time-out, but gets on: all kinds in turn, beside ranks that are quick. */
function slowRun(chance: RandomStream, each: number, directory: string): readonly string[] {
  const worldSize = 2 + below(chance, 3);
  const rank = below(chance, worldSize);
  const kind = SLOW_KINDS[each % (SLOW_KINDS.length + 1)];
  const own =
    kind === undefined
      ? ['--scenario=basic', `--inject=slow:rank=${rank},point=start`]
      : [`--scenario=${writeSlowScenario(directory, kind, rank)}`];
  return [...common(chance, worldSize), '--barrier-timeout=1', ...steps(15, 15), ...own];
}

const common = (chance: RandomStream, worldSize: number): readonly string[] => [
  `--nproc-per-node=${worldSize}`,
  `--seed=${below(chance, 2 ** 31)}`,
];

const steps = (count: number, interval: number): readonly string[] => [
  `--num-steps=${count}`,
  `--eval-interval=${interval}`,
  `--save-interval=${interval}`,
];

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUN_DIRECTORY_VARIABLE } from '../../shared/contracts/run-plan.ts';
import { environmentOf } from '../../shared/contracts/world.ts';
import { BENCH_ENVIRONMENT, bundle, printTable, ROOT } from './measure.ts';
import { type Place, places } from './places.ts';
import { bestOf, type Latency, timesOfRanks } from './rank-times.ts';
import { type Meet, meetInPython, PYTHON_CLIENT, type Rounds, yardsticks } from './yardsticks.ts';

const WORLD_SIZES = [2, 4];
const ROUNDS = 3;
const CALLS: Rounds = { warmUp: 20, barriers: 100 };
/** Each starts a process. */
const COMMANDS: Rounds = { warmUp: 1, barriers: 5 };

/** Measures the barriers of programs beside what they could use in their place, where files are on different file systems. */
export async function benchProgramBarriers(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  const where = await places();
  try {
    const others = yardsticks(CALLS);
    const ours = clients(await bundle('init-rank', directory));
    const rows: (readonly string[])[] = [];
    for (const place of where)
      for (const worldSize of WORLD_SIZES) rows.push(...(await measureRows(place, worldSize, ours, others)));
    const ratios = Object.keys(others).map((name) => `x ${name}`);
    const title = `Barriers of programs in ms, best of ${ROUNDS} rounds of ${CALLS.barriers} (${COMMANDS.barriers} of commands)`;
    printTable(title, ['files on', 'ranks', 'what', 'p50', 'p99', ...ratios], rows);
  } finally {
    rmSync(directory, { recursive: true });
    for (const place of where) place.end();
  }
}

/** Ranks as a launcher would start them; each run has a directory of its own. */
function clients(rank: string): Readonly<Record<string, Meet>> {
  const environment = (rank: number, worldSize: number, directory: string): NodeJS.ProcessEnv => ({
    ...environmentOf(
      { rank, worldSize, localRank: rank, localWorldSize: worldSize, groupRank: 0, runId: 'bench', attempt: 0 },
      { host: '127.0.0.1', port: 29500 },
    ),
    [RUN_DIRECTORY_VARIABLE]: directory,
    PYTHONPATH: join(ROOT, 'python'),
  });
  const inNode =
    ({ warmUp, barriers }: Rounds, ...command: readonly string[]): Meet =>
    (worldSize, directory) =>
      timesOfRanks(worldSize, (each) =>
        spawn(process.execPath, [rank, String(warmUp), String(barriers), ...command], {
          env: { ...BENCH_ENVIRONMENT, ...environment(each, worldSize, directory) },
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      );
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  if (!hasPython) console.log('\nskipped: init() of Python: python3 is not here');
  return {
    'init() of Node.js': inNode(CALLS),
    ...(hasPython ? { 'init() of Python': meetInPython('python3', PYTHON_CLIENT, CALLS, environment) } : {}),
    'ckpt-run barrier': inNode(COMMANDS, join(ROOT, 'dist', 'ckpt-run.cjs')),
  };
}

async function measureRows(
  place: Place,
  worldSize: number,
  ours: Readonly<Record<string, Meet>>,
  others: Readonly<Record<string, Meet>>,
): Promise<readonly (readonly string[])[]> {
  const all = Object.entries({ ...ours, ...others });
  const rounds = new Map(all.map(([name]) => [name, [] as (readonly number[])[]]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, meet] of all) rounds.get(name)?.push(await inNewRun(place, (directory) => meet(worldSize, directory)));
  const latency = (name: string): Latency => bestOf(rounds.get(name) ?? []);
  return all.map(([name]) => {
    const { p50, p99 } = latency(name);
    const ratios = Object.keys(others).map((other) => (name in ours ? spell(p50 / latency(other).p50, 1) : ''));
    return [place.name, String(worldSize), name, spell(p50, 2), spell(p99, 2), ...ratios];
  });
}

/** With so many decimals, or as many as it takes: through memory a barrier is a matter of microseconds. */
const spell = (value: number, decimals: number): string => (value < 0.1 ? value.toPrecision(2) : value.toFixed(decimals));

async function inNewRun<T>(place: Place, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(place.directory, 'run-'));
  try {
    for (const each of ['barriers', 'journal']) mkdirSync(join(directory, each));
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchProgramBarriers();

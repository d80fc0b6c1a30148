import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Both sides run without it: Node parses the bundle it names at every start. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/** The environment of everything that is measured. */
export const BENCH_ENVIRONMENT: NodeJS.ProcessEnv = environment;

/** Something that is measured. */
export interface Contender {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
}

/** How a run of a contender ended; the code is null when it hung and was killed. */
export interface RunEnd {
  readonly code: number | null;
  readonly wallMs: number;
}

/** What the runs of a contender came to: wall times of those that ended, ascending, and how many did not. */
export interface Runs {
  readonly wallMs: readonly number[];
  readonly hung: number;
}

/** Runs that take longer are taken for hung: Open MPI 4.1.4 often waits for ever when many ranks end at once. */
const HUNG_AFTER_MS = 60_000;

/** Runs the contenders in turn, round after round, so that a change in the machine's speed meets all of them. */
export async function interleave(
  contenders: readonly Contender[],
  rounds: number,
  hungAfterMs = HUNG_AFTER_MS,
): Promise<readonly Runs[]> {
  const ends: RunEnd[][] = contenders.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const end = await run(contender, hungAfterMs);
      if (end.code !== null && end.code !== 0) throw new Error(`${contender.name} ended with ${end.code}`);
      // The first round warms caches and does not count.
      if (round >= 0) ends[index]?.push(end);
    }
  }
  return ends.map(runsOf);
}

function runsOf(ends: readonly RunEnd[]): Runs {
  const ended = ends.filter(({ code }) => code !== null);
  return { wallMs: ended.map(({ wallMs }) => wallMs).sort((a, b) => a - b), hung: ends.length - ended.length };
}

/** Runs a contender once, in a process group of its own; `onStart` is given its process. */
export async function run(
  { command: [program, ...args], env = {} }: Contender,
  hungAfterMs = HUNG_AFTER_MS,
  onStart: (child: ChildProcess) => void = () => undefined,
): Promise<RunEnd> {
  const startedAtMs = performance.now();
  const child = spawn(program, args, { cwd: ROOT, stdio: 'ignore', detached: true, env: { ...BENCH_ENVIRONMENT, ...env } });
  onStart(child);
  let isHung = false;
  const timer = setTimeout(() => {
    isHung = true;
    end(child);
  }, hungAfterMs);
  const [code]: unknown[] = await once(child, 'exit');
  clearTimeout(timer);
  return { code: isHung || typeof code !== 'number' ? null : code, wallMs: performance.now() - startedAtMs };
}

/** Launchers clean up at SIGTERM, if they still can. */
function end({ pid = 0 }: ChildProcess): void {
  signalGroup(pid, 'SIGTERM');
  setTimeout(() => signalGroup(pid, 'SIGKILL'), 1000);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of it is left.
  }
}

/** Bundles a program of this folder into a directory; returns its file. */
export async function bundle(name: string, directory: string): Promise<string> {
  const outfile = join(directory, `${name}.cjs`);
  const entryPoints = [join(ROOT, 'scripts/bench', `${name}.ts`)];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', minify: true });
  return outfile;
}

/** The value below which a share of the ascending numbers lies. */
export const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;

/** The middle one of ascending numbers. */
export const median = (ascending: readonly number[]): number => quantile(ascending, 0.5);

/** Whether a program can be started. */
export const isInstalled = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Prints rows under their column names, aligned. */
export function printTable(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = columns.map((column, index) => Math.max(column.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  console.log(`\n${title}\n${[columns, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')}`);
}

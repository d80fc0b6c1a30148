import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Both sides run without it: Node parses the bundle it names at every start. */
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

/** The environment of everything that is measured. */
export const BENCH_ENVIRONMENT: NodeJS.ProcessEnv = environment;

/** Something whose wall time is measured. */
export interface Contender {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
}

/** Wall times of a contender, ascending, in milliseconds. */
export type WallTimes = readonly number[];

/** Runs the contenders in turn, round after round, so that a change in the machine's speed meets all of them. */
export async function interleave(contenders: readonly Contender[], rounds: number): Promise<readonly WallTimes[]> {
  const times: number[][] = contenders.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const wallMs = await wallTime(contender);
      // The first round warms caches and does not count.
      if (round >= 0) times[index]?.push(wallMs);
    }
  }
  return times.map((each) => each.sort((a, b) => a - b));
}

function wallTime({ name, command: [program, ...args], env = {} }: Contender): Promise<number> {
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: 'ignore', env: { ...BENCH_ENVIRONMENT, ...env } });
    child.on('error', reject).on('exit', (code) => {
      if (code === 0) resolve(performance.now() - startedAtMs);
      else reject(new Error(`${name} ended with ${code}`));
    });
  });
}

/** The value below which a share of the ascending numbers lies. */
export const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;

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

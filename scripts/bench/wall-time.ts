import { type Contender, interleave, median, printTable, quantile, type Runs } from './measure.ts';

/** At most so many times the wall time of `node -e 0`, by world size. */
const LIMITS = new Map([[1, 6], [2, 8], [4, 10], [64, 90]]); // biome-ignore format: pairs

/** Measures `--scenario all` against an empty Node process. */
export async function benchWallTime(): Promise<void> {
  const rows = [...(await measureRows([1, 2, 4], 11)), ...(await measureRows([64], 3))];
  printTable('Wall time of a whole run, medians', ['what', 'ms', 'fastest', 'x node -e 0', 'limit'], rows);
}

async function measureRows(worldSizes: readonly number[], rounds: number): Promise<readonly (readonly string[])[]> {
  const [yardstick, ...runs] = await interleave([emptyNode, ...worldSizes.map(scenarioAll)], rounds);
  return worldSizes.map((ranks, index) => row(ranks, timesOf(runs[index]), timesOf(yardstick)));
}

const timesOf = (runs: Runs | undefined): readonly number[] => runs?.wallMs ?? [];

const emptyNode: Contender = { name: 'node -e 0', command: [process.execPath, '-e', '0'] };

const scenarioAll = (ranks: number): Contender => ({
  name: `--scenario all, ${ranks} ${ranks === 1 ? 'rank' : 'ranks'}`,
  command: [process.execPath, 'dist/ckpt-run.cjs', `--nproc-per-node=${ranks}`, '--scenario', 'all'],
});

const row = (ranks: number, times: readonly number[], yardstick: readonly number[]): readonly string[] => [
  scenarioAll(ranks).name,
  median(times).toFixed(0),
  quantile(times, 0).toFixed(0),
  (median(times) / median(yardstick)).toFixed(1),
  String(LIMITS.get(ranks) ?? ''),
];

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BENCH_ENVIRONMENT, bundle, printTable } from './measure.ts';
import { bestOf, type Latency, timesOfRanks } from './rank-times.ts';
import { gloo, type Meet } from './yardsticks.ts';

/** At most so many milliseconds at the median on an idle machine with two cores, by world size. */
const LIMITS = new Map([[2, 0.25], [4, 0.6], [8, 1.2], [16, 3], [64, 15]]); // biome-ignore format: pairs
const WORLD_SIZES = [2, 4, 8, 16, 32, 64];
const WARM_UP = 50;
const BARRIERS = 500;
const ROUNDS = 3;

/** A line of the table; milliseconds, the best round of each. */
export interface Row extends Latency {
  readonly worldSize: number;
  /** Where Python has torch, up to 16 ranks. */
  readonly gloo: Latency | null;
}

/** Measures barriers between real processes, beside gloo's in the same rounds, prints the table and returns its rows. */
export async function benchBarriers(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    const worker = await bundle('barrier-worker', directory);
    const others = gloo({ warmUp: WARM_UP, barriers: BARRIERS });
    const rows: Row[] = [];
    for (const worldSize of WORLD_SIZES) rows.push(await measureRow(worldSize, worker, others));
    printTable(
      `Barrier latency in ms, best of ${ROUNDS} rounds of ${BARRIERS}`,
      ['ranks', 'p50', 'p99', 'limit p50', 'gloo p50', 'gloo p99'],
      rows.map(cellsOf),
    );
    return rows;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measureRow(worldSize: number, worker: string, others: Meet | undefined): Promise<Row> {
  const ours: (readonly number[])[] = [];
  const theirs: (readonly number[])[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await inNewDirectory((directory) => measureOurs(worldSize, worker, directory)));
    if (others !== undefined && worldSize <= 16) theirs.push(await inNewDirectory((directory) => others(worldSize, directory)));
  }
  return { worldSize, ...bestOf(ours), gloo: theirs.length === 0 ? null : bestOf(theirs) };
}

function cellsOf({ worldSize, p50, p99, gloo }: Row): readonly string[] {
  const cell = (ms: number | undefined): string => ms?.toFixed(2) ?? '';
  return [String(worldSize), cell(p50), cell(p99), String(LIMITS.get(worldSize) ?? ''), cell(gloo?.p50), cell(gloo?.p99)];
}

function measureOurs(worldSize: number, worker: string, directory: string): Promise<readonly number[]> {
  const args = (rank: number): readonly string[] => [worker, directory, `${rank}`, `${worldSize}`, `${WARM_UP}`, `${BARRIERS}`];
  return timesOfRanks(worldSize, (rank) => spawn(process.execPath, args(rank), { env: BENCH_ENVIRONMENT }));
}

async function inNewDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchBarriers();

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_TORCH, pythonWithTorch } from '../torch-python.ts';
import { BENCH_ENVIRONMENT, bundle, printTable, quantile } from './measure.ts';

/** At most so many milliseconds at the median on an idle machine with two cores, by world size. */
const LIMITS = new Map([[2, 0.25], [4, 0.6], [8, 1.2], [16, 3], [64, 15]]); // biome-ignore format: pairs
const WORLD_SIZES = [2, 4, 8, 16, 32, 64];
const WARM_UP = 50;
const BARRIERS = 500;
const ROUNDS = 3;

/** A line of the table; milliseconds, the best round of each. */
export interface Row {
  readonly worldSize: number;
  readonly p50: number;
  readonly p99: number;
  /** Where Python has torch, up to 16 ranks. */
  readonly gloo: { readonly p50: number; readonly p99: number } | null;
}

/** Measures barriers between real processes, beside gloo's in the same rounds, prints the table and returns its rows. */
export async function benchBarriers(): Promise<readonly Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    const worker = await bundle('barrier-worker', directory);
    const python = pythonWithTorch();
    const gloo: Gloo = (worldSize) => (python === undefined ? Promise.resolve(undefined) : measureGloo(python, worldSize));
    if (python === undefined) console.log(`\nskipped: gloo: ${NO_TORCH}`);
    const rows: Row[] = [];
    for (const worldSize of WORLD_SIZES) rows.push(await measureRow(worldSize, worker, gloo));
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

type Gloo = (worldSize: number) => Promise<readonly number[] | undefined>;

async function measureRow(worldSize: number, worker: string, gloo: Gloo): Promise<Row> {
  const ours: (readonly number[])[] = [];
  const theirs: (readonly number[])[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await measureOurs(worldSize, worker));
    const times = worldSize <= 16 ? await gloo(worldSize) : undefined;
    if (times !== undefined) theirs.push(times);
  }
  return { worldSize, ...bestOf(ours), gloo: theirs.length === 0 ? null : bestOf(theirs) };
}

const bestOf = (rounds: readonly (readonly number[])[]): { readonly p50: number; readonly p99: number } => ({
  p50: Math.min(...rounds.map((times) => quantile(times, 0.5))),
  p99: Math.min(...rounds.map((times) => quantile(times, 0.99))),
});

function cellsOf({ worldSize, p50, p99, gloo }: Row): readonly string[] {
  const cell = (ms: number | undefined): string => ms?.toFixed(2) ?? '';
  return [String(worldSize), cell(p50), cell(p99), String(LIMITS.get(worldSize) ?? ''), cell(gloo?.p50), cell(gloo?.p99)];
}

async function measureOurs(worldSize: number, worker: string): Promise<readonly number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    const args = (rank: number): readonly string[] => [worker, directory, `${rank}`, `${worldSize}`, `${WARM_UP}`, `${BARRIERS}`];
    return await timesOfRanks(worldSize, (rank) => spawn(process.execPath, args(rank), { env: BENCH_ENVIRONMENT }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const GLOO_RANK = `
import json, sys, time, torch.distributed as dist
rank, size, path, warm_up, barriers = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
dist.init_process_group('gloo', init_method='file://' + path, rank=rank, world_size=size)
for _ in range(warm_up): dist.barrier()
times = []
for _ in range(barriers):
    started = time.perf_counter()
    dist.barrier()
    times.append((time.perf_counter() - started) * 1000)
print(json.dumps(times))
`;

async function measureGloo(python: string, worldSize: number): Promise<readonly number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    const args = (rank: number): readonly string[] => [
      '-c',
      GLOO_RANK,
      `${rank}`,
      `${worldSize}`,
      join(directory, 'store'),
      `${WARM_UP}`,
      `${BARRIERS}`,
    ];
    return await timesOfRanks(worldSize, (rank) =>
      spawn(python, args(rank), { env: { ...BENCH_ENVIRONMENT, OMP_NUM_THREADS: '1' } }),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Every rank's times together, ascending. */
async function timesOfRanks(worldSize: number, start: (rank: number) => ChildProcess): Promise<readonly number[]> {
  const outputs = await Promise.all(Array.from({ length: worldSize }, (_, rank) => outputOf(start(rank))));
  return outputs.flatMap((output): number[] => JSON.parse(output)).sort((a, b) => a - b);
}

function outputOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child
      .on('error', reject)
      .on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`a rank ended with ${code}`))));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchBarriers();

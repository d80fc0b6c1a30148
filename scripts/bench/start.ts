import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ckptRun, type Launch, mpirun, torchrun } from './launchers.ts';
import { interleave, median, printTable, type Runs } from './measure.ts';

const RANKS = [1, 2, 8, 32];
const ROUNDS = 7;
/** What hangs does so for ever, and a start takes seconds at most. */
const HUNG_AFTER_MS = 15_000;

/** At most so many times mpirun's time, and at least so many times less than torchrun's. */
const LIMITS = { mpirun: 3, torchrun: 10 };

/** Measures how long it takes to start programs that end at once, beside other launchers in the same rounds. */
export async function benchStart(): Promise<void> {
  const logs = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  const others = { mpirun: mpirun(), torchrun: torchrun(logs) };
  const rows: (readonly string[])[] = [];
  try {
    for (const ranks of RANKS) rows.push(await measureRow(ranks, others));
  } finally {
    rmSync(logs, { recursive: true });
  }
  const { mpirun: most, torchrun: least } = LIMITS;
  printTable(
    `Start of N x /bin/true, medians of ${ROUNDS} in ms; limits: at most ${most} x mpirun, torchrun at least ${least} x`,
    ['ranks', 'ckpt-run', 'fastest', 'mpirun', 'x mpirun', 'torchrun', 'torchrun is x', 'did not end'],
    rows,
  );
}

type Others = Readonly<Record<keyof typeof LIMITS, Launch | undefined>>;

async function measureRow(ranks: number, others: Others): Promise<readonly string[]> {
  const launchers = Object.entries({ 'ckpt-run': ckptRun, ...others }).flatMap(([name, launch]) =>
    launch === undefined ? [] : [{ name, ...launch(ranks, ['/bin/true']) }],
  );
  const measured = await interleave(launchers, ROUNDS, HUNG_AFTER_MS);
  const runs = new Map(launchers.map(({ name }, index) => [name, measured[index]]));
  const [ours, mpi, torch] = ['ckpt-run', 'mpirun', 'torchrun'].map((name) => medianOf(runs.get(name)));
  const hung = [...runs].filter(([, each]) => (each?.hung ?? 0) > 0).map(([name, each]) => `${name}: ${each?.hung} of ${ROUNDS}`);
  return [
    String(ranks),
    cell(ours, 0),
    cell(runs.get('ckpt-run')?.wallMs[0], 0),
    cell(mpi, 0),
    cell(ratio(ours, mpi), 1),
    cell(torch, 0),
    cell(ratio(torch, ours), 1),
    hung.join(', '),
  ];
}

/** Undefined where nothing was measured. */
const medianOf = (runs: Runs | undefined): number | undefined =>
  runs === undefined || runs.wallMs.length === 0 ? undefined : median(runs.wallMs);

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a / b;

const cell = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '';

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchStart();

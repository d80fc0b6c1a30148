import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ckptRun, type Launch, torchrun } from './launchers.ts';
import { bundle, median, printTable, quantile, run } from './measure.ts';

const RANKS = 4;
const ROUNDS = 11;
/** At most so many milliseconds at the median. */
const LIMIT_MS = 20;

/** Measures how long after the death of one rank SIGTERM reaches each of the others, as they see it themselves. */
export async function benchLatency(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    const program = [process.execPath, await bundle('latency-rank', directory)];
    const logs = join(directory, 'logs');
    mkdirSync(logs);
    const launchers = Object.entries({ 'ckpt-run': ckptRun, 'torchrun, --monitor_interval 0.1': torchrun(logs) }).flatMap(
      ([name, launch]) => (launch === undefined ? [] : [{ name, launch, latenciesMs: [] as number[] }]),
    );
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, { launch, latenciesMs }] of launchers.entries()) {
        latenciesMs.push(...(await measure(launch, program, join(directory, `${round}-${index}`))));
      }
    }
    printTable(
      `From the end of one of ${RANKS} ranks to SIGTERM at the others, ${ROUNDS} runs, in ms`,
      ['what', 'fastest', 'median', 'slowest', 'limit of the median'],
      launchers.map(({ name, latenciesMs }) => row(name, latenciesMs)),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measure(launch: Launch, program: readonly string[], directory: string): Promise<readonly number[]> {
  mkdirSync(directory);
  await run({ name: 'latency', ...launch(RANKS, [...program, directory]) });
  const time = (name: string): bigint => BigInt(readFileSync(join(directory, name), 'utf8'));
  const ends = readdirSync(directory).filter((name) => name.startsWith('ended-'));
  if (ends.length !== RANKS - 1) throw new Error(`SIGTERM reached ${ends.length} of ${RANKS - 1} ranks`);
  return ends.map((name) => Number(time(name) - time('failed')) / 1e6);
}

function row(name: string, latenciesMs: readonly number[]): readonly string[] {
  const ascending = latenciesMs.toSorted((a, b) => a - b);
  const times = [quantile(ascending, 0), median(ascending), quantile(ascending, 1)].map((ms) => ms.toFixed(1));
  return [name, ...times, name === 'ckpt-run' ? String(LIMIT_MS) : ''];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchLatency();

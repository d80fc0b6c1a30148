import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ckptRun, type LaunchCommand, torchrunTeeing } from './launchers.ts';
import { type Contender, printTable, run } from './measure.ts';

const RANKS = 8;
const MEGABYTES = 200;
const ROUNDS = 3;
const LINE_BYTES = 80;
const LINES = (MEGABYTES * 1_000_000) / LINE_BYTES;
/** What one rank prints: lines which cost nothing to make. */
const PRINT = `yes ${'x'.repeat(LINE_BYTES - 1)} | head -c ${(MEGABYTES / RANKS) * 1_000_000}`;

/** A launcher whose output goes into a pipe, where its lines are counted; it leaves its number and the count in files. */
const INTO_PIPE = `sh -c 'echo $$ >"$0"; exec "$@"' "$0/pid" "$@" | wc -l >"$0/lines"`;

interface Measured {
  readonly wallMs: number;
  readonly lines: number;
  /** The most that the launcher had resident. */
  readonly memoryBytes: number;
}

/** Measures how fast ranks that print together reach a pipe, whether all of it does, and what the launcher needs for it. */
export async function benchConsole(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    const print = ['sh', '-c', PRINT];
    const teeing = torchrunTeeing(directory);
    const contenders = [
      intoPipe('raw, as the ranks print it', directory, { command: ['sh', '-c', RAW] }),
      intoPipe('ckpt-run', directory, ckptRun(RANKS, print)),
      ...(teeing === undefined ? [] : [intoPipe('torchrun --tee 3', directory, teeing(RANKS, print))]),
    ];
    const best = contenders.map((): Measured[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, contender] of contenders.entries()) best[index]?.push(await measure(contender, directory));
    }
    printTable(
      `${RANKS} ranks printing ${MEGABYTES} MB together into a pipe, best of ${ROUNDS}`,
      ['what', 'ms', 'MB/s', 'lines lost', 'MB of memory'],
      contenders.map(({ name }, index) => row(name, best[index] ?? [])),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** As fast as it gets: no prefix, no files, lines mixed. */
const RAW = `${Array.from({ length: RANKS }, () => `(${PRINT}) &`).join(' ')} wait`;

const intoPipe = (name: string, directory: string, { command, env = {} }: LaunchCommand): Contender => ({
  name,
  command: ['sh', '-c', INTO_PIPE, directory, ...command],
  env,
});

async function measure(contender: Contender, directory: string): Promise<Measured> {
  let memoryBytes = 0;
  // The kernel remembers the peak: only what comes after the last look is not seen.
  const look = (): void => {
    memoryBytes = Math.max(memoryBytes, peakMemory(join(directory, 'pid')));
  };
  const looking = setInterval(look, 20);
  const { code, wallMs } = await run(contender, HUNG_AFTER_MS);
  clearInterval(looking);
  if (code !== 0) throw new Error(`${contender.name} ended with ${code}`);
  rmSync(join(directory, 'pid'));
  return { wallMs, memoryBytes, lines: Number(readFileSync(join(directory, 'lines'), 'utf8')) };
}

const HUNG_AFTER_MS = 300_000;

/** 0 before the process is there, and after it. */
function peakMemory(pidFile: string): number {
  try {
    const status = readFileSync(`/proc/${Number(readFileSync(pidFile, 'utf8'))}/status`, 'utf8');
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function row(name: string, measured: readonly Measured[]): readonly string[] {
  const bestMs = Math.min(...measured.map(({ wallMs }) => wallMs));
  const lost = Math.max(...measured.map(({ lines }) => LINES - lines));
  const memory = Math.max(...measured.map(({ memoryBytes }) => memoryBytes)) / 1e6;
  return [name, bestMs.toFixed(0), (MEGABYTES / (bestMs / 1000)).toFixed(0), String(lost), memory.toFixed(0)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchConsole();

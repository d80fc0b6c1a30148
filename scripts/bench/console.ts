import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Contender, interleave, isInstalled, printTable, quantile, ROOT } from './measure.ts';

const RANKS = 8;
const MEGABYTES = 200;
const ROUNDS = 3;
/** What one rank prints: lines of 80 bytes, which cost nothing to make. */
const PRINT = `yes ${'x'.repeat(79)} | head -c ${(MEGABYTES / RANKS) * 1_000_000}`;

/** Measures how fast ranks that print together reach a pipe, and what the launcher needs for it. */
export async function benchConsole(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-bench-'));
  try {
    const contenders = [cat(), await ours(directory), ...torchrun(directory)];
    const times = await interleave(contenders, ROUNDS);
    const rows = contenders.map(({ name }, index) => row(name, times[index] ?? [], directory));
    printTable(
      `${RANKS} ranks printing ${MEGABYTES} MB together, best of ${ROUNDS}`,
      ['what', 'ms', 'MB/s', 'MB of memory'],
      rows,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const intoPipe = (name: string, command: string, env: NodeJS.ProcessEnv = {}): Contender => ({
  name,
  command: ['sh', '-c', `${command} | cat > /dev/null`],
  env,
});

/** As fast as it gets: no prefix, no files, lines mixed. */
const cat = (): Contender =>
  intoPipe('raw, through cat', `(${Array.from({ length: RANKS }, () => `sh -c '${PRINT}' &`).join(' ')} wait)`);

async function ours(directory: string): Promise<Contender> {
  const worker = join(directory, 'worker.cjs');
  await build({
    entryPoints: [join(ROOT, 'scripts/bench/console-worker.ts')],
    outfile: worker,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
  });
  const logs = join(directory, 'logs');
  return intoPipe(OURS, `rm -rf ${logs}; mkdir ${logs}; ${process.execPath} ${worker} ${logs} ${RANKS} sh -c '${PRINT}'`);
}

const OURS = 'ours, prefixed, with files';

/** Standard output only: the others that torch 1.13 knows it cannot read with Python 3.11. */
function torchrun(directory: string): readonly Contender[] {
  if (!isInstalled('torchrun', '--help')) {
    console.log('\nskipped: torchrun is not installed');
    return [];
  }
  const tee = Array.from({ length: RANKS }, (_, rank) => `${rank}:1`).join(',');
  const env = { PET_REDIRECTS: '9:1', PET_TEE: tee, PET_MONITOR_INTERVAL: '0.1' };
  const logs = join(directory, 'torchrun');
  const command = `torchrun --standalone --nproc_per_node=${RANKS} --log_dir=${logs} --no_python sh -c '${PRINT}'`;
  return [intoPipe('torchrun, --tee', `rm -rf ${logs}; mkdir ${logs}; ${command}`, env)];
}

function row(name: string, times: readonly number[], directory: string): readonly string[] {
  const best = quantile(times, 0);
  const memory = name === OURS ? (Number(readFileSync(join(directory, 'logs/memory'), 'utf8')) / 1e6).toFixed(0) : '';
  return [name, best.toFixed(0), (MEGABYTES / (best / 1000)).toFixed(0), memory];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchConsole();

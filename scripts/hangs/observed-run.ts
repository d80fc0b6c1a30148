import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { barrierPaths } from '../../shared/platform/barrier/barrier-paths.ts';
import { nodeDisk } from '../../shared/platform/disk.ts';
import { runDirectory } from '../../shared/platform/run-directory.ts';
import { ROOT } from '../source-files.ts';

/** A run of the built command that has ended. */
export interface ObservedRun {
  readonly code: number | null;
  readonly stderr: string;
  /** Null when there is none: the command was killed, or refused what it was asked for. */
  readonly report: RunReport | null;
  /** From the moment in which ranks gave a barrier up, or the first one ended, to the first line about it; null without either. */
  readonly tookMs: number | null;
}

const LONGEST_MS = 60_000;

/** Runs a scenario in a directory of its own, which goes afterwards. It ends with this process. */
export async function observeRun(args: readonly string[], isQuiet = true): Promise<ObservedRun> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-hangs-'));
  try {
    const reportFile = join(directory, 'report.json');
    const own = [...(isQuiet ? ['--quiet'] : []), `--output-dir=${join(directory, 'out')}`, `--report=${reportFile}`];
    const { code, stderr, saidAtMs } = await runToEnd([`${ROOT}dist/ckpt-run.cjs`, ...own, ...args]);
    const report = existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as RunReport) : null;
    const wrongAtMs = report === null ? undefined : wentWrongAtMs(report);
    const tookMs = saidAtMs === undefined || wrongAtMs === undefined ? null : Math.round(saidAtMs - wrongAtMs);
    return { code, stderr, report, tookMs };
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly saidAtMs: number | undefined;
}

function runToEnd(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    const timer = setTimeout(kill, LONGEST_MS);
    let stderr = '';
    let saidAtMs: number | undefined;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (saidAtMs === undefined && /^ckpt-run: .*\[CKPT_/m.test(stderr)) saidAtMs = Date.now();
    });
    child.on('error', reject).on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', kill);
      resolve({ code, stderr, saidAtMs });
    });
  });
}

/** Wall clock of this machine, milliseconds: that of a rank may be wrong. */
function wentWrongAtMs({ runDirectory: path, ranks, startedAt, failure }: RunReport): number | undefined {
  if (failure !== null && 'rank' in failure) {
    const afterMs = ranks[failure.rank]?.exitedAfterMs ?? undefined;
    return afterMs === undefined ? undefined : Date.parse(startedAt) + afterMs;
  }
  if (path === null || failure?.kind !== 'hang' || failure.barrier === null) return undefined;
  return nodeDisk.changedAtMs(barrierPaths(runDirectory(path).barriers).decision(failure.barrier.sequence));
}

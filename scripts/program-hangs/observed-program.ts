import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../source-files.ts';

/** A launcher and its ranks that have ended, by themselves or because they were silent for too long. */
export interface ObservedProgram {
  /** Null where it had to be ended. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the last thing that a rank printed to the first line about it; null where there is none. */
  readonly tookMs: number | null;
}

/** What to wait for. */
export interface Patience {
  /** The first line about it, on standard error. */
  readonly says: RegExp;
  /** When it is ended, after the last thing that was printed. */
  readonly silenceMs: number;
}

/** Runs something in a directory of its own, which goes afterwards. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'ckpt-run-programs-'));
  for (const name of ['bin', 'tmp', 'work']) mkdirSync(join(directory, name));
  symlinkSync(join(ROOT, 'dist', 'ckpt-run.cjs'), join(directory, 'bin', 'ckpt-run'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Runs a launcher in `work` of such a directory, `ckpt-run` on its path; its process group ends with it, and with this process. */
export function observeProgram(
  directory: string,
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { says, silenceMs }: Patience,
): Promise<ObservedProgram> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: join(directory, 'work'),
      detached: true,
      env: {
        ...process.env,
        ...{ PATH: `${join(directory, 'bin')}:${process.env['PATH']}`, TMPDIR: join(directory, 'tmp') },
        ...{ PYTHONPATH: undefined, PYTHONDONTWRITEBYTECODE: '1', NODE_EXTRA_CA_CERTS: undefined },
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (): void => killGroup(child.pid);
    process.once('exit', kill);
    let timer = setTimeout(kill, silenceMs);
    const text = { stdout: '', stderr: '' };
    let printedAtMs = Date.now();
    let tookMs: number | null = null;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text.stdout += chunk;
      if (tookMs === null) printedAtMs = Date.now();
      clearTimeout(timer);
      timer = setTimeout(kill, silenceMs);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      text.stderr += chunk;
      if (tookMs === null && says.test(text.stderr)) tookMs = Date.now() - printedAtMs;
    });
    child.once('exit', kill);
    child.on('error', reject).on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', kill);
      resolve({ code, ...text, tookMs });
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}

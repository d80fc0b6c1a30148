import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';

/** How to run a command. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** After this the command and its children are killed and the test fails. Default 20 s. */
  readonly timeoutMs?: number;
  /** Is given the process as soon as it runs, for signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** How a command ended and what it said. */
export interface CommandResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a process group of its own, and leaves nobody of that group behind. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { cwd = ROOT, env = {}, input = '', timeoutMs = 20_000, onStart } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, detached: true });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.stdin.on('error', () => undefined).end(input);
    const timer = setTimeout(() => {
      killGroup(child);
      reject(new Error(`${[command, ...args].join(' ')} took longer than ${timeoutMs} ms\n${dump(output)}`));
    }, timeoutMs);
    child.on('error', reject).on('close', (code, signal) => {
      clearTimeout(timer);
      killGroup(child);
      resolve({ code, signal, ...output });
    });
    onStart?.(child);
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

const dump = ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string =>
  `--- stdout\n${stdout}\n--- stderr\n${stderr}\n---`;

/** Runs the built ckpt-run. */
export const ckptRun = (args: readonly string[], options?: CommandOptions): Promise<CommandResult> =>
  runCommand(process.execPath, [join(ROOT, 'dist', 'ckpt-run.cjs'), ...args], options);

/** Like {@link runCommand}, for steps that must succeed; gives stdout. */
export async function mustRun(command: string, args: readonly string[], options?: CommandOptions): Promise<string> {
  const result = await runCommand(command, args, options);
  if (result.code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${result.code}\n${dump(result)}`);
  return result.stdout;
}

/** A new directory that goes when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'ckpt-run-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

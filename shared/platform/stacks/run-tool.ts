import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import type { Disk } from '../disk.ts';
import type { TimeLimit } from '../inspector/time-limit.ts';

/** What a tool said; null for its code where it did not end by itself. */
export interface ToolAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A tool by its name, in one of these directories. */
export const findTool = (disk: Disk, name: string, directories: readonly string[]): string | undefined =>
  directories
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, name))
    .find((path) => disk.access(path, 'execute') === 'granted');

/** In which programs are looked for. */
export const searchPath = (environment: Readonly<Record<string, string | undefined>>): readonly string[] =>
  (environment['PATH'] ?? '').split(delimiter);

/** For a debugger to let go of the process that it holds. */
const FAREWELL_MS = 500;

/** Runs a tool; undefined when it has not answered in time, and whether it then ends is not waited for. Never rejects. */
export async function runTool(file: string, args: readonly string[], limit: TimeLimit): Promise<ToolAnswer | undefined> {
  // No server is asked for symbols, and nobody's messages are translated.
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', DEBUGINFOD_URLS: '' };
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/', env });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = new Promise<ToolAnswer>((resolve) => {
    child.once('error', ({ message }) => resolve({ code: null, stdout: '', stderr: message }));
    child.once('close', (code) => resolve({ code, ...said }));
  });
  const answer = await limit.within(ended);
  if (answer !== undefined) return answer;
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), FAREWELL_MS).unref();
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  return undefined;
}

import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { processesWith } from '../../scripts/chaos/round-remains.ts';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { type LiveRun, until } from './live-run.ts';
import { type CommandOptions, type CommandResult, ckptRun } from './run-command.ts';
import type { Sandbox } from './sandbox.ts';

/** A program that is being launched. */
export interface ProgramRun extends Omit<LiveRun, 'pidOf' | 'arrival'> {
  /** Waits until a program has told a word of its own by `echo $$ > told/WORD`, and gives the pid. */
  told(word: string): Promise<number>;
  /** Waits until the launcher has said something. */
  stderrHas(words: RegExp): Promise<true>;
}

/** Launches a shell script as the ranks; in it, `tell WORD [PID]` tells the test something. */
export const startProgram = (box: Sandbox, options: readonly string[], script: string, more?: CommandOptions): ProgramRun =>
  startCommand(box, options, shell(script), more);

/** Launches any command as the ranks. It is waited for its words as long as the run may take. */
export function startCommand(
  box: Sandbox,
  options: readonly string[],
  command: readonly string[],
  more: CommandOptions = {},
): ProgramRun {
  let launcher: ChildProcess | undefined;
  let stderr = '';
  const onStart = (child: ChildProcess): void => {
    launcher = child;
    child.stderr?.on('data', (text: string) => (stderr += text));
  };
  const ended = launchCommand(box, options, command, { ...more, onStart });
  if (launcher === undefined) throw new Error('the launcher did not start');
  const during: LiveRun['during'] = (something) =>
    Promise.race([
      something,
      ended.then((result) => {
        throw new Error(`the run ended too early: ${JSON.stringify(result)}`);
      }),
    ]);
  const told = (word: string): Promise<number> => during(until(`the word ${word}`, () => wordOf(box, word), more.timeoutMs));
  const stderrHas = (words: RegExp): Promise<true> => until(`${words}`, () => words.test(stderr) || undefined);
  return { launcher, ended, during, told, stderrHas };
}

/** Runs a shell script as the ranks to its end. */
export function runProgram(
  box: Sandbox,
  options: readonly string[],
  script: string,
  more: CommandOptions = {},
): Promise<CommandResult> {
  return launchCommand(box, options, shell(script), more);
}

const shell = (script: string): readonly string[] => ['sh', '-c', escapeTemplate(`${PRELUDE}\n${script}`)];

/** Two dollars mean one in the arguments of a program, as with torchrun. */
export const escapeTemplate = (text: string): string => text.replaceAll('$', () => '$$');

const PRELUDE = `
mkdir -p told
tell() { echo "\${2-$$}" > "told/.$1.$$" && mv "told/.$1.$$" "told/$1"; }
`;

/** Launches any command as the ranks. */
export function launchCommand(
  box: Sandbox,
  options: readonly string[],
  command: readonly string[],
  { env = {}, ...more }: CommandOptions = {},
): Promise<CommandResult> {
  // A launcher that fails its test may leave anything.
  onTestFinished(() => processesWith(box.temporary).forEach(killIfAny));
  return ckptRun([...options, ...command], {
    cwd: box.directory,
    timeoutMs: 25_000,
    ...more,
    env: { TMPDIR: box.temporary, ...env },
  });
}

function killIfAny(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in this moment.
  }
}

/** What a program has told so far. */
export function wordOf(box: Sandbox, word: string): number | undefined {
  const file = join(box.directory, 'told', word);
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
}

/** Every word told, ascending. */
export const wordsOf = (box: Sandbox): readonly string[] =>
  readdirSync(join(box.directory, 'told'))
    .filter((name) => !name.startsWith('.'))
    .sort();

/** The report that `--report=report.json` has made. */
export const reportOf = (box: Sandbox): RunReport => JSON.parse(box.read('report.json')) as RunReport;

import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SAME_WISH_MS } from '../../launcher/group/rank-group.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';
import type { CommandOptions, CommandResult } from './run-command.ts';
import { type Sandbox, scenarioText } from './sandbox.ts';

/** A run that is under way. */
export interface LiveRun {
  readonly launcher: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** Waits for something that happens while the run lasts; fails at once when the run ends before. */
  during<T>(something: Promise<T>): Promise<T>;
  /** Waits until a rank has started, and gives its process. */
  pidOf(rank: number): Promise<number>;
  /** Waits until a rank has arrived at a barrier. */
  arrival(rank: number, barrier: string): Promise<true>;
}

/** Asks again and again until there is an answer; fails after 20 s, or the time that is given. */
export async function until<T>(what: string, ask: () => T | undefined, timeoutMs = 20_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await pause(10)) {
    const answer = ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
}

/** Starts a run in a sandbox. */
export function startRun(box: Sandbox, args: readonly string[], options: CommandOptions = {}): LiveRun {
  let launcher: ChildProcess | undefined;
  const onStart = (child: ChildProcess): void => {
    launcher = child;
  };
  const ended = box.run(args, { timeoutMs: 25_000, ...options, onStart });
  if (launcher === undefined) throw new Error('the launcher did not start');
  const during: LiveRun['during'] = async (something) => {
    const tooEarly = ended.then((result) => {
      throw new Error(`the run ended too early: ${JSON.stringify(result)}`);
    });
    return Promise.race([something, tooEarly]);
  };
  const pidOf = (rank: number): Promise<number> =>
    during(until(`the start of rank ${rank}`, () => journalOf(box, rank).find((event) => event.type === 'rank:started')?.pid));
  const isAt = (barrier: string) => (event: JournalEvent) => event.type === 'barrier:arrived' && event.name === barrier;
  const arrival = (rank: number, barrier: string): Promise<true> =>
    during(until(`rank ${rank} at ${barrier}`, () => journalOf(box, rank).some(isAt(barrier)) || undefined));
  return { launcher, ended, during, pidOf, arrival };
}

/** The journal of a rank in a temporary output directory; a line that is being written is left out. */
function journalOf(box: Sandbox, rank: number): readonly JournalEvent[] {
  const [output = ''] = box.leftovers();
  const runs = join(box.temporary, output, '.ckpt-run');
  const [run = ''] = existsSync(runs) ? readdirSync(runs) : [];
  const file = join(runs, run, 'attempt_0', 'journal', `rank-${rank}.jsonl`);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as JournalEvent);
}

/**
 * Interrupts a run whose ranks have heard of a first SIGINT once more, as soon as that is another wish. Once only: the launcher
 * listens no more when it has concluded, and would die of a third.
 */
export async function interruptAgain({ launcher, during }: Pick<LiveRun, 'launcher' | 'during'>): Promise<void> {
  const heardAtMs = performance.now();
  await during(until('another wish', () => performance.now() - heardAtMs >= SAME_WISH_MS || undefined));
  launcher.kill('SIGINT');
}

/** Whether a process runs; a zombie does not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Waits until none of the processes runs. */
export const untilGone = (pids: readonly number[]): Promise<true> =>
  until(`the end of ${pids.join(', ')}`, () => (pids.some(isRunning) ? undefined : true));

/** A scenario in which one rank does something in the evaluation of step 50. */
export const scenarioWith = (rank: number, onEvaluate: string, before = ''): string =>
  scenarioText(
    `callbacks: () => [{ name: 'Trouble', onEvaluate: async (metrics, state) => {
      if (state.rank !== ${rank} || state.step !== 50) return;
      ${onEvaluate}
    } }],`,
    `import { writeFileSync } from 'node:fs';
     const tell = (text) => writeFileSync(new URL('told', import.meta.url), text);
     const forever = () => new Promise(() => setInterval(() => undefined, 1000));
     ${before}`,
  );

/** Waits until the scenario of a run has told something, and gives it. */
export const told = (box: Sandbox, run: LiveRun, words: RegExp): Promise<string> =>
  run.during(
    until(`a word like ${words}`, () => {
      const word = existsSync(join(box.directory, 'told')) ? box.read('told') : '';
      return words.test(word) ? word : undefined;
    }),
  );

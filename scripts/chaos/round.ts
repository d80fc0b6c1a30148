import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Blow, RoundPlan } from './round-plan.ts';
import { contentOf, processesThatStay } from './round-remains.ts';

/** How a launcher ended. */
interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Each rank has a child, a stray, and says which process it is. */
const PROGRAM = `
  echo $$ > "$CHAOS_TOLD/.$RANK.$$" && mv "$CHAOS_TOLD/.$RANK.$$" "$CHAOS_TOLD/$RANK"
  sleep 300 & setsid sleep 300 &
  sleep "$CHAOS_WORK" & wait $!`;

/** Past this, a run that nothing ended by itself is told to end; past the second, it hangs. */
const ENOUGH_MS = 900;
const HANGS_MS = 20_000;

/** Runs one round below `directory` and gives what was wrong: nothing, if all went as documented. */
export async function playRound(launcher: readonly string[], directory: string, plan: RoundPlan): Promise<readonly string[]> {
  const box = mkdtempSync(join(directory, 'round-'));
  const named = join(directory, 'named');
  const told = join(box, 'told');
  const temporary = join(box, 'tmp');
  for (const path of [told, temporary]) mkdirSync(path);

  const child = start([...launcher, ...optionsOf(plan, named)], {
    TMPDIR: temporary,
    CHAOS_TOLD: told,
    CHAOS_WORK: String((plan.workMs ?? 300_000) / 1000),
  });
  const ended = endOf(child);
  const blows = plan.blows.map((blow) => strike(child, told, blow));
  const hung = await endInTime(child, ended);
  await Promise.all(blows);
  const end = await ended;
  const problems = [
    ...(hung ? ['the launcher did not end'] : codeProblems(plan, end)),
    ...(await processesThatStay([told, `ckpt-run-guardian\0${child.pid}\0`])).map((pid) => `process ${pid} stays`),
    ...directoryProblems(plan, end, temporary, named),
  ];
  rmSync(box, { recursive: true, force: true });
  return problems.map((problem) => `${problem}: ${JSON.stringify({ ...end, plan })}`);
}

const optionsOf = ({ ranks, restarts, place }: RoundPlan, named: string): readonly string[] => [
  `--nproc-per-node=${ranks}`,
  `--max-restarts=${restarts}`,
  '--shutdown-timeout=0.2s',
  '--discard-outputs',
  ...(place === 'named' ? [`--output-dir=${named}`] : []),
  'sh',
  '-c',
  // Two dollars mean one in the arguments of a program.
  PROGRAM.replaceAll('$', () => '$$'),
];

const start = ([file = '', ...args]: readonly string[], env: Readonly<Record<string, string>>): ChildProcess =>
  spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'], detached: true });

function endOf(child: ChildProcess): Promise<End> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal, stderr })));
}

async function strike(child: ChildProcess, told: string, { afterMs, signal, target }: Blow): Promise<void> {
  await pause(afterMs);
  if (target === 'launcher') child.kill(signal);
  else if (existsSync(join(told, String(target))))
    signalRank(Number(readFileSync(join(told, String(target)), 'utf8')), told, signal);
}

/** Its number may be another's by now. */
function signalRank(pid: number, told: string, signal: NodeJS.Signals): void {
  try {
    if (contentOf(`/proc/${pid}/environ`).includes(told)) process.kill(pid, signal);
  } catch {
    // It has ended in this moment.
  }
}

/** A stopped launcher goes on after a while, and one that nothing else ends is told to. True when even SIGKILL was needed. */
async function endInTime(child: ChildProcess, ended: Promise<End>): Promise<boolean> {
  const over = async (ms: number): Promise<boolean> => {
    const timer = new AbortController();
    const late = pause(ms, true, { signal: timer.signal }).catch(() => false);
    const isLate = await Promise.race([ended.then(() => false), late]);
    timer.abort();
    return isLate;
  };
  if (!(await over(ENOUGH_MS))) return false;
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  if (!(await over(HANGS_MS))) return false;
  child.kill('SIGKILL');
  return true;
}

/** 128 + n of a signal that the launcher or a rank was sent, 0 for ranks that came to their end, or a signal of its own. */
function codeProblems({ blows, workMs, restarts }: RoundPlan, { code, signal }: End): readonly string[] {
  const has = (name: Blow['signal'], target: 'launcher' | 'rank'): boolean =>
    blows.some((blow) => blow.signal === name && (blow.target === 'launcher') === (target === 'launcher'));
  if (signal === 'SIGKILL') return has(signal, 'launcher') ? [] : ['the launcher was killed by nobody'];
  // Before it has a handler; one that was stopped so early is told to end as soon as it goes on.
  const isEarly = has('SIGTERM', 'launcher') || has('SIGSTOP', 'launcher');
  if (signal === 'SIGTERM') return isEarly ? [] : ['the launcher was ended by nobody'];
  const allowed = [143, ...(has('SIGKILL', 'rank') ? [137] : []), ...(workMs === undefined && restarts === 0 ? [] : [0])];
  return allowed.some((each) => each === code) ? [] : [`exit code ${code} instead of ${allowed.join(' or ')}`];
}

/** Of a launcher that was killed the lease stays until the next run takes it over, and a directory that it had just made. */
function directoryProblems({ place }: RoundPlan, { signal }: End, temporary: string, named: string): readonly string[] {
  const left = readdirSync(temporary, { recursive: true, encoding: 'utf8' });
  const isJustMade = signal === 'SIGKILL' && left.length === 1;
  const state = join(named, '.ckpt-run');
  const lease = place === 'named' && signal === null && existsSync(state) ? readdirSync(state).filter(isLease) : [];
  return [
    ...(left.length === 0 || isJustMade ? [] : [`temporary files stay: ${left.join(', ')}`]),
    ...(lease.length === 0 ? [] : [`a lease stays: ${lease.join(', ')}`]),
  ];
}

const isLease = (name: string): boolean => name.startsWith('lease.');

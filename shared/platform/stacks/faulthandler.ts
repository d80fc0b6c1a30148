import { isSeen, type NotSeen } from '../../contracts/diagnosis.ts';
import type { SeenStacks } from '../../contracts/stacks.ts';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import type { TimeLimit } from '../inspector/time-limit.ts';
import { cpuMsIn } from '../process/process-use.ts';
import { aboutProcess, catchesSignal } from '../process-facts.ts';
import { signalProcess } from '../process-group.ts';
import { processState } from '../process-identity.ts';
import { threadsInDump } from './faulthandler-text.ts';
import { isPending, sleepsNatively, threadsThatBlock } from './signal-state.ts';
import { findStackFile, type StackFile } from './stack-file.ts';
import { stillnessOf } from './thread-stillness.ts';

/** As in python/ckpt_run_watch/sitecustomize.py. */
const THIS_THREAD = 50;
const ALL_THREADS = 51;
const INTERPRETER = 52;

const LOOK_EVERY_MS = 5;
/** For an interpreter that runs to come to its next instruction. */
const INTERPRETER_MS = 400;
/** A main thread that has computed for so long and not answered is inside of a native function. */
const NATIVE_CPU_MS = 100;

/** Who sleeps again and again for a moment is seen asleep in one of so many looks. */
const SLEEP_LOOKS = 10;

const ENDED = { notSeen: 'it has ended' };
const NATIVE_SLEEP = { notSeen: 'it sleeps in native code, which a signal could make fail' };
const SILENT = { notSeen: 'it did not answer in time' };

/** A process, which a pid alone does not tell from the next one. */
interface Asked {
  readonly pid: number;
  readonly startTicks: number;
}

/**
 * Has a Python program write its stacks by one of the signals that its sitecustomize has it answer. To read the stack of a thread that runs
 * can crash Python (measured: one in ten of the times, from 3.11 on), so that its interpreter is asked where the main thread
 * runs, and faulthandler only about threads that sleep or are inside of a native function.
 */
export async function askFaulthandler(disk: Disk, clock: Clock, asked: Asked, limit: TimeLimit): Promise<SeenStacks> {
  const { pid } = asked;
  const file = findStackFile(disk, pid);
  if (!isSeen(file)) return file;
  const ask = (signal: number, mostMs: number): Promise<string | NotSeen> =>
    write(disk, asked, { file, signal, clock }, limit, mostMs);
  const seen = (text: string): SeenStacks => {
    const threads = threadsInDump(text, file.main);
    return threads[0]?.isMain === true && threads[0].frames.length > 0
      ? { source: 'faulthandler', atMs: clock.monotonicMs(), threads }
      : { notSeen: 'its main thread is in no Python function' };
  };
  for (let looks = 0; looks < SLEEP_LOOKS; looks += 1) {
    if (sleepsNatively(disk, pid)) return NATIVE_SLEEP;
    await limit.pause(LOOK_EVERY_MS);
  }
  const first = await stillnessOf(disk, clock, pid);
  if (!first.main) {
    const computedMs = mainCpuMs(disk, pid);
    const answer = await ask(INTERPRETER, INTERPRETER_MS);
    if (typeof answer === 'string') return seen(answer);
    if (answer !== SILENT) return answer;
    const { main } = await stillnessOf(disk, clock, pid);
    if (!main && mainCpuMs(disk, pid) - computedMs < NATIVE_CPU_MS) return SILENT;
  }
  const { others } = await stillnessOf(disk, clock, pid);
  const answer = await ask(others ? ALL_THREADS : THIS_THREAD, limit.leftMs());
  return typeof answer === 'string' ? seen(answer) : answer;
}

const mainCpuMs = (disk: Disk, pid: number): number => cpuMsIn(aboutProcess(disk, pid, `task/${pid}/stat`) ?? '');

interface Wish {
  readonly file: StackFile;
  readonly signal: number;
  readonly clock: Clock;
}

/** What it writes at a signal. */
async function write(
  disk: Disk,
  asked: Asked,
  { file, signal, clock }: Wish,
  limit: TimeLimit,
  mostMs: number,
): Promise<string | NotSeen> {
  const { pid } = asked;
  const endsAtMs = clock.monotonicMs() + Math.min(mostMs, limit.leftMs());
  try {
    const before = file.text().length;
    const deaf = threadsThatBlock(disk, pid, signal);
    const why = whyNotSignalled(disk, asked, signal, deaf);
    if (why !== undefined) return why;
    signalProcess(pid, signal);
    const isAnswered = (text: string): boolean => {
      if (signal === INTERPRETER) return text.endsWith('end\n');
      return (
        text !== '' && !isPending(disk, pid, signal) && threadsThatBlock(disk, pid, signal).every((tid) => deaf.includes(tid))
      );
    };
    while (clock.monotonicMs() < endsAtMs) {
      await limit.pause(LOOK_EVERY_MS);
      if (isAnswered(file.text().slice(before))) return file.text().slice(before);
    }
    return SILENT;
  } catch {
    return ENDED;
  }
}

/** Undefined for a process that will answer it and come to no harm. */
function whyNotSignalled(disk: Disk, { pid, startTicks }: Asked, signal: number, deaf: readonly number[]): NotSeen | undefined {
  const state = processState({ disk }, pid);
  if (state?.startTicks !== startTicks || state.letter === 'Z' || state.letter === 'X') return ENDED;
  if (/^[Tt]$/.test(state.letter)) return { notSeen: 'it is stopped' };
  if (state.letter === 'D') return { notSeen: 'it is inside the kernel and hears no signal' };
  if (deaf.includes(pid)) return { notSeen: 'its main thread blocks the signal that asks for its stacks' };
  if (sleepsNatively(disk, pid)) return NATIVE_SLEEP;
  // It is still to answer an earlier one.
  if (isPending(disk, pid, signal)) return { notSeen: 'it hears no signal now' };
  // The last look before the signal: one that is not caught would end it.
  return catchesSignal(disk, pid, signal) ? undefined : { notSeen: 'it does not catch the signal that asks for its stacks' };
}

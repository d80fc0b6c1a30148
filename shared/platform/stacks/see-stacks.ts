import { isSeen, type NotSeen } from '../../contracts/diagnosis.ts';
import { messageOf } from '../../contracts/errors.ts';
import type { SeenStacks } from '../../contracts/stacks.ts';
import { timeLimit } from '../inspector/time-limit.ts';
import type { Platform } from '../platform.ts';
import { processState } from '../process-identity.ts';
import { askFaulthandler } from './faulthandler.ts';
import { languageOf } from './language.ts';
import { askDebugger } from './native-stacks.ts';
import { askInspectorForStacks, type NodeQuestion } from './node-stacks.ts';
import { askPySpy, findPySpy } from './py-spy.ts';

/** A process whose stacks are wanted. */
export interface StackTarget {
  readonly pid: number;
  /** When it started: a pid comes again. */
  readonly startTicks: number;
}

/** How its stacks may be had. */
export interface StackOptions extends Pick<NodeQuestion, 'visits' | 'mapFrame'> {
  /** Where nothing else is seen, a debugger is asked, which halts the process for a moment. */
  readonly nativeStacks: boolean;
  /** For everything together. */
  readonly limitMs: number;
  /** In which tools are looked for. */
  readonly searchPath: readonly string[];
}

/** What is needed of the platform. */
export type StackSurroundings = Pick<Platform, 'disk' | 'clock' | 'pid'>;

const ENDED = { notSeen: 'it has ended' };
const STOPPED = { notSeen: 'it is stopped' };
const NO_LANGUAGE = { notSeen: 'it is written neither in Python nor for Node' };

/** What the threads of a process that is not ours are in, by the best means there is. Leaves it as it was. Never throws. */
export async function seeStacks(
  surroundings: StackSurroundings,
  target: StackTarget,
  options: StackOptions,
): Promise<SeenStacks> {
  const { disk, clock } = surroundings;
  const limit = timeLimit(clock, options.limitMs);
  try {
    const state = processState({ disk }, target.pid);
    if (state?.startTicks !== target.startTicks || /^[ZX]$/.test(state.letter)) return ENDED;
    const seen = await inItsLanguage(surroundings, target, { ...options, limitMs: limit.leftMs() }, /^[Tt]$/.test(state.letter));
    if (isSeen(seen) || !options.nativeStacks) return seen;
    const native = await askDebugger(disk, clock, target.pid, options.searchPath, limit);
    return isSeen(native) ? native : both(seen, native);
  } catch (thrown) {
    return { notSeen: `looking failed: ${messageOf(thrown)}` };
  }
}

async function inItsLanguage(
  surroundings: StackSurroundings,
  target: StackTarget,
  options: StackOptions,
  isStopped: boolean,
): Promise<SeenStacks> {
  const { disk, clock } = surroundings;
  const limit = timeLimit(clock, options.limitMs);
  switch (languageOf(disk, target.pid)) {
    case 'python': {
      const pySpy = findPySpy(disk, target.pid, options.searchPath);
      const spied =
        pySpy === undefined ? undefined : await askPySpy(pySpy, target.pid, clock, timeLimit(clock, limit.leftMs() / 2));
      if (spied !== undefined && isSeen(spied)) return spied;
      const told = isStopped ? STOPPED : await askFaulthandler(disk, clock, target, limit);
      return isSeen(told) || spied === undefined ? told : both(spied, told);
    }
    case 'node':
      return isStopped ? STOPPED : askInspectorForStacks(surroundings, target, options);
    case 'other':
      return NO_LANGUAGE;
  }
}

const both = (one: NotSeen, other: NotSeen): NotSeen => ({ notSeen: `${one.notSeen}; ${other.notSeen}` });

import type { SeenStacks } from '../../contracts/stacks.ts';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import type { TimeLimit } from '../inspector/time-limit.ts';
import { threadsOfEuStack, threadsOfGdb } from './native-text.ts';
import { findTool, runTool, type ToolAnswer } from './run-tool.ts';

/** Nothing that lies beside the program or at its user's home is run. */
const GDB_SETTINGS = ['-nx', '-batch', '-iex', 'set auto-load off', '-iex', 'set confirm off', '-iex', 'set pagination off'];
const MOST_FRAMES = 64;

/** Has a debugger say which native functions a process is in; it halts the process for so long. */
export async function askDebugger(
  disk: Disk,
  clock: Clock,
  pid: number,
  directories: readonly string[],
  limit: TimeLimit,
): Promise<SeenStacks> {
  const euStack = findTool(disk, 'eu-stack', directories);
  if (euStack !== undefined) {
    const answer = await runTool(euStack, ['-n', String(MOST_FRAMES), '-p', String(pid)], limit);
    return understood('eu-stack', answer, clock, (text) => threadsOfEuStack(text, pid));
  }
  const gdb = findTool(disk, 'gdb', directories);
  if (gdb === undefined) return { notSeen: 'neither eu-stack nor gdb is installed' };
  const asked = ['-ex', `thread apply all backtrace ${MOST_FRAMES}`, '-p', String(pid)];
  return understood('gdb', await runTool(gdb, [...GDB_SETTINGS, ...asked], limit), clock, (text) => threadsOfGdb(text, pid));
}

function understood(
  source: 'eu-stack' | 'gdb',
  answer: ToolAnswer | undefined,
  clock: Clock,
  threadsIn: (text: string) => Extract<SeenStacks, { readonly threads: unknown }>['threads'],
): SeenStacks {
  if (answer === undefined) return { notSeen: `${source} did not answer in time` };
  const threads = threadsIn(answer.stdout);
  if (threads[0]?.isMain === true && threads[0].frames.length > 0) return { source, atMs: clock.monotonicMs(), threads };
  const isRefused = /not permitted|permission denied/i.test(answer.stderr);
  return { notSeen: isRefused ? `${source} is not permitted to halt it` : `${source} found no stack` };
}

import type { ProgramPlace } from '../../contracts/program-hang.ts';
import type { ProcessStacks, StackFrame } from '../../contracts/stacks.ts';

/** Installed packages, the languages' own libraries, and what has no file. */
const NOT_THE_USERS =
  /(?:^|\/)(?:site-packages|dist-packages|node_modules|ckpt_run_watch)\/|\/lib\/(?:python\d|pypy)|\/python\d[\d.]*\/|^<|^node:|ckpt_run\.py$|\/ckpt-run\/dist\//;

/** Libraries in which a call waits for other ranks. */
const OF_COLLECTIVES =
  /(?:^|\/)(?:torch\/distributed|horovod|mpi4py|deepspeed\/comm|jax\/experimental\/multihost_utils)(?:\/|\.py$)|(?:^|\/)ckpt_run\.py$/;

/** Helpers inside of them, which are no name for what was called. */
const HELPERS = /^(?:_|wrapper$|wait$|func_wrapper$|decorate|__enter__$|<)/;

/** Where autograd waits for the reductions that DistributedDataParallel has begun. */
const BACKWARD = /(?:^|\/)torch\/(?:autograd\/|_tensor\.py$)/;

/** The frames of the main thread, innermost first. */
export const mainFrames = ({ threads }: ProcessStacks): readonly StackFrame[] =>
  (threads.find(({ isMain }) => isMain) ?? threads[0])?.frames ?? [];

/** The innermost frame in a file of the user's own. */
export function userPlace(frames: readonly StackFrame[]): ProgramPlace | null {
  for (const { file, line, functionName } of frames) if (file !== null && isUsers(file)) return { file, line, functionName };
  return null;
}

const isUsers = (file: string): boolean => !NOT_THE_USERS.test(file);

/** The collective in which the frames are, as the user called it; undefined for none. */
export function collectiveIn(frames: readonly StackFrame[]): string | undefined {
  const users = frames.findIndex(({ file }) => file !== null && isUsers(file));
  const inner = frames.slice(0, users === -1 ? undefined : users);
  // The outermost of the library's own calls is the one that the user wrote.
  const called = inner.findLast(({ file, functionName }) => {
    return file !== null && functionName !== null && OF_COLLECTIVES.test(file) && !HELPERS.test(functionName);
  });
  if (called?.functionName != null) return called.functionName;
  return inner.some(({ file }) => file !== null && BACKWARD.test(file)) ? 'backward' : undefined;
}

/** What tells two samples of a thread that stands still from one that moves. */
export const stillnessOf = (stacks: ProcessStacks): string => mainFrames(stacks).map(spellFrame).join('<');

/** The same without the line in which its innermost function is. */
export const callOf = (stacks: ProcessStacks): string =>
  mainFrames(stacks)
    .map((frame, depth) => spellFrame(depth === 0 ? { ...frame, line: null } : frame))
    .join('<');

const spellFrame = ({ functionName, file, line }: StackFrame): string => `${functionName}@${file}:${line}`;

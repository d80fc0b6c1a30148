import type { StackFrame, ThreadStack } from '../../contracts/stacks.ts';

const GDB_THREAD = /^Thread \d+ \((?:Thread 0x[0-9a-f]+ )?\(?(?:LWP|process) (?<tid>\d+)\)?(?: "(?<name>.*)")?\):$/;
const GDB_FRAME = /^#\d+ +(?:0x[0-9a-f]+ in )?(?<call>.+\))(?: at (?<file>.+):(?<line>\d+)| from \S+)?$/;

/** The threads of `gdb -ex "thread apply all backtrace"`, the main one first. */
export const threadsOfGdb = (text: string, pid: number): readonly ThreadStack[] =>
  threadsIn(text, pid, GDB_THREAD, (line) => {
    const found = GDB_FRAME.exec(line)?.groups;
    return found && { ...found, name: functionIn(found['call'] ?? '') };
  });

/** A call without its arguments, which are the last parentheses; those of its type are part of its name. */
function functionIn(call: string): string {
  let depth = 0;
  for (let index = call.length - 1; index >= 0; index--) {
    depth += call[index] === ')' ? 1 : call[index] === '(' ? -1 : 0;
    if (depth === 0) return call.slice(0, index).trimEnd();
  }
  return call;
}

/** The threads of `eu-stack`, the main one first. */
export const threadsOfEuStack = (text: string, pid: number): readonly ThreadStack[] =>
  threadsIn(
    text,
    pid,
    /^TID (?<tid>\d+):$/,
    (line) => /^#\d+ +0x[0-9a-f]+(?: - 1)?(?: +(?<name>\S.*?))?(?: - (?<file>\/.*?):(?<line>\d+)(?::\d+)?)?$/.exec(line)?.groups,
  );

type Groups = Readonly<Record<string, string | undefined>>;

function threadsIn(
  text: string,
  pid: number,
  heading: RegExp,
  frameIn: (line: string) => Groups | undefined,
): readonly ThreadStack[] {
  const threads: { readonly name: string | null; readonly isMain: boolean; readonly frames: StackFrame[] }[] = [];
  for (const line of text.split('\n')) {
    const thread = heading.exec(line)?.groups;
    if (thread !== undefined) threads.push({ name: thread['name'] ?? null, isMain: Number(thread['tid']) === pid, frames: [] });
    const frame = frameIn(line);
    if (frame !== undefined) threads.at(-1)?.frames.push(frameOf(frame));
  }
  return [...threads.filter(({ isMain }) => isMain), ...threads.filter(({ isMain }) => !isMain)];
}

const frameOf = ({ name, file, line }: Groups): StackFrame => ({
  functionName: name === undefined || name === '??' ? null : name,
  file: file ?? null,
  line: line === undefined ? null : Number(line),
});

import type { StackFrame, ThreadStack } from '../../contracts/stacks.ts';

/** The threads of `gdb -ex "thread apply all backtrace"`, the main one first. */
export function threadsOfGdb(text: string, pid: number): readonly ThreadStack[] {
  return threadsIn(
    text,
    pid,
    /^Thread \d+ \((?:Thread 0x[0-9a-f]+ )?\(?(?:LWP|process) (?<tid>\d+)\)?(?: "(?<name>.*)")?\):$/,
    (line) => {
      const found = /^#\d+ +(?:0x[0-9a-f]+ in )?(?<name>.+?) \(.*\)(?: at (?<file>.+):(?<line>\d+)| from .*)?$/.exec(line);
      return found?.groups;
    },
  );
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

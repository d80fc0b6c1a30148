import type { StackFrame, ThreadStack } from '../../contracts/stacks.ts';

const THREAD = /^(?:Current thread|Thread) 0x0*([0-9a-f]+)(?: \[(.*)\])? \(most recent call first\):$/;
/** Where it writes only of the thread that answers: the system has the main one do that, unless that is deaf. */
const ANSWERING = 'Stack (most recent call first):';
const FRAME = /^ {2}File (?:"(?<file>.*)"|\?\?\?), line (?<line>\d+|\?\?\?) in (?<name>.*)$/;
const ESCAPE = /\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/g;
/** The module that answers; what it does is no part of the program. */
const WATCH = /\/ckpt_run_watch\/sitecustomize\.py$/;

/** The threads in the first dump of a text that Python's faulthandler wrote, the main one first; `main` is its identity. */
export function threadsInDump(text: string, main: string): readonly ThreadStack[] {
  const threads = new Map<string, { readonly name: string | null; readonly frames: StackFrame[] }>();
  const mainIdentity = main.replace(/^0x0*/, '');
  let frames: StackFrame[] | undefined;
  for (const line of text.split('\n')) {
    const [, identity, name] = line === ANSWERING ? [line, mainIdentity] : (THREAD.exec(line) ?? []);
    if (identity !== undefined) {
      // The same thread again: another dump begins.
      if (threads.has(identity)) break;
      frames = [];
      threads.set(identity, { name: name ?? null, frames });
    }
    const frame = FRAME.exec(line)?.groups;
    if (frame !== undefined && frames !== undefined && !WATCH.test(frame['file'] ?? '')) frames.push(frameOf(frame));
  }
  const all = [...threads].map(([identity, thread]) => ({ ...thread, isMain: identity === mainIdentity }));
  return [...all.filter(({ isMain }) => isMain), ...all.filter(({ isMain }) => !isMain)];
}

const frameOf = (groups: Readonly<Record<string, string | undefined>>): StackFrame => {
  const { file, line, name } = groups;
  return {
    functionName: name === undefined || name === '???' ? null : unescaped(name),
    file: file === undefined ? null : unescaped(file),
    line: line === undefined || line === '???' ? null : Number(line),
  };
};

/** It writes what is not ASCII by its number. */
const unescaped = (text: string): string =>
  text.replace(ESCAPE, (_all, two?: string, four?: string, eight?: string) =>
    String.fromCodePoint(Math.min(Number.parseInt(two ?? four ?? eight ?? '', 16), 0x10ffff)),
  );

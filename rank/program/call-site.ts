import { fileURLToPath } from 'node:url';

/** The place in a line of the text that V8 makes of a stack; Node's own files and native functions have none. */
const PLACE = /\(?((?:file:\/\/|\/)[^()]*):(\d+):\d+\)?$/;

/** As many frames as may lie between a method of ours and the program: those of Array.map and the like. */
const FRAMES = 10;

/** Where the program called the caller of `method`: `file:line`, null where that is not known. */
export function callSiteAbove(method: (...inputs: never[]) => unknown): string | null {
  const { stackTraceLimit } = Error;
  const holder: { stack?: unknown } = new Error('where');
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(holder, method);
  // Read before the limit is given back: it is V8 that makes the text now, and a source map may have its say.
  const { stack } = holder;
  Error.stackTraceLimit = stackTraceLimit;
  // The first line is the error's, the second the method's caller, which is ours.
  return typeof stack === 'string' ? placeIn(stack.split('\n').slice(2)) : null;
}

function placeIn(frames: readonly string[]): string | null {
  for (const frame of frames) {
    const [, url, line] = PLACE.exec(frame) ?? [];
    if (url !== undefined) return `${url.startsWith('file:') ? fileURLToPath(url) : url}:${line}`;
  }
  return null;
}

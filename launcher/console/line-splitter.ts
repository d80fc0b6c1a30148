import { byteBuilder } from './byte-builder.ts';
import { heldLine, wholeCharacters } from './held-line.ts';

/** A longer line is written as several, so that a rank that never ends its line costs no memory. */
export const LONGEST_LINE = 64 * 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NEWLINE = Buffer.of(LINE_FEED);
/** A state that is wider than the terminal must not go on to a second line: the next could not be shown over it. */
const UNWRAPPED = Buffer.from('\u001b[?7l');
const WRAPPED_AT_START = Buffer.from('\u001b[?7h\r');

/** At the start of a line: takes away what a longer state of a progress bar left on the line. */
export const ERASE = '\u001b[K';

/** How lines are shown. */
export interface LineStyle {
  readonly prefix: string;
  /** On a terminal the states of a progress bar are shown one over the other; elsewhere only the last is written. */
  readonly isTerminal: boolean;
}

/** Makes whole lines with a prefix of the pieces in which a stream arrives; how it is cut into pieces does not matter. */
export interface LineSplitter {
  /** The lines that are complete now. */
  feed(chunk: Buffer): Buffer;
  /** The last line, if it had no newline. */
  end(): Buffer;
}

/** Holds one line at most. */
export function lineSplitter({ prefix, isTerminal }: LineStyle): LineSplitter {
  const start = Buffer.from(isTerminal ? `${ERASE}${prefix}` : prefix);
  const withStarts = startingWith(start.toString('latin1'));
  const output = byteBuilder(LONGEST_LINE);
  const held = heldLine(LONGEST_LINE);
  /** A carriage return was the last that came: if text follows, it takes the place of what is held. */
  let isReturned = false;

  const write = (source: Buffer, from: number, to: number, ending: Buffer): void => {
    output.append(start, 0, start.length);
    output.append(source, from, to);
    output.append(ending, 0, ending.length);
  };
  const replaceState = (): void => {
    isReturned = false;
    if (isTerminal && held.length() > 0) {
      output.append(UNWRAPPED, 0, UNWRAPPED.length);
      write(held.bytes(), 0, held.length(), WRAPPED_AT_START);
    }
    held.shift(held.length());
  };
  const cutLine = (following: number | undefined): void => {
    const cut = wholeCharacters(held.bytes(), following);
    write(held.bytes(), 0, cut, NEWLINE);
    held.shift(cut);
  };
  const hold = (chunk: Buffer, from: number, to: number): void => {
    if (isReturned && to > from) replaceState();
    for (let next = from; next < to; ) {
      if (held.length() === LONGEST_LINE) cutLine(chunk[next]);
      next += held.push(chunk, next, to);
    }
  };
  const endLine = (): void => {
    write(held.bytes(), 0, held.length(), NEWLINE);
    held.shift(held.length());
    isReturned = false;
  };
  const whole = (chunk: Buffer, from: number, to: number): void => {
    if (held.length() === 0 && to - from <= LONGEST_LINE) write(chunk, from, to, NEWLINE);
    else {
      hold(chunk, from, to);
      endLine();
    }
  };

  const anyBytes = (chunk: Buffer): void => {
    const lineFeed = finder(chunk, LINE_FEED);
    const carriageReturn = finder(chunk, CARRIAGE_RETURN);
    for (let from = 0; from < chunk.length; ) {
      const to = Math.min(lineFeed(from), carriageReturn(from));
      if (chunk[to] === LINE_FEED) whole(chunk, from, to);
      else hold(chunk, from, to);
      if (chunk[to] === CARRIAGE_RETURN) isReturned = true;
      from = to + 1;
    }
  };
  /** Nearly all bytes are these; the engine's own search in a string of bytes is five times faster than any loop. */
  const plainLines = (chunk: Buffer): void => {
    const first = chunk.indexOf(LINE_FEED);
    const last = chunk.lastIndexOf(LINE_FEED);
    if (first >= 0) whole(chunk, 0, first);
    if (last > first) output.appendLatin1(withStarts(chunk.toString('latin1', first + 1, last)));
    hold(chunk, last + 1, chunk.length);
  };

  return {
    feed: (chunk) => {
      if (chunk.length <= LONGEST_LINE && !chunk.includes(CARRIAGE_RETURN)) plainLines(chunk);
      else anyBytes(chunk);
      return output.take();
    },
    end: () => {
      if (held.length() > 0) endLine();
      return output.take();
    },
  };
}

/** Puts the start before each line of a text that is not ended. */
function startingWith(start: string): (text: string) => string {
  const between = `\n${start.replaceAll('$', '$$$$')}`;
  return (text) => `${start}${text.replaceAll('\n', between)}\n`;
}

/** Where a byte is next, or the end; the answers must be asked for in ascending order. */
function finder(chunk: Buffer, byte: number): (from: number) => number {
  let at = -1;
  return (from) => {
    if (at < from) at = chunk.indexOf(byte, from);
    if (at < 0) at = chunk.length;
    return at;
  };
}

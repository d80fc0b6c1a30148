import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONGEST_LINE, lineSplitter } from '../../../launcher/console/line-splitter.ts';
import { PROPERTY_SEED } from '../../property-seed.ts';

const PIPE = { prefix: '[rank 0] ', isTerminal: false };
const TERMINAL = { prefix: '[rank 0] ', isTerminal: true };

/** What is shown of these pieces, the end included. */
function shown(pieces: readonly (string | Buffer)[], style = PIPE): string {
  const splitter = lineSplitter(style);
  const lines = pieces.map((piece) => splitter.feed(Buffer.from(piece)));
  return Buffer.concat([...lines, splitter.end()]).toString();
}

describe('a line', () => {
  test('is shown when its newline comes', () => {
    const splitter = lineSplitter(PIPE);
    expect(splitter.feed(Buffer.from('one\ntw')).toString()).toBe('[rank 0] one\n');
    expect(splitter.feed(Buffer.from('o')).toString()).toBe('');
    expect(splitter.feed(Buffer.from('\n\nthree')).toString()).toBe('[rank 0] two\n[rank 0] \n');
    expect(splitter.end().toString()).toBe('[rank 0] three\n');
    expect(splitter.end().toString()).toBe('');
  });

  test('keeps its bytes, UTF-8 or not, coloured or not', () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x1b, 0x5b, 0x0a]);
    expect(lineSplitter({ ...PIPE, prefix: '' }).feed(bytes)).toEqual(bytes);
  });

  test('has its prefix as it is, whatever is in it', () => {
    const style = { prefix: "$& $1 $$ é€ \\n $'", isTerminal: false };
    expect(shown(['one\ntwo\nthree\nfour'], style)).toBe(
      ['one', 'two', 'three', 'four'].map((line) => `${style.prefix}${line}\n`).join(''),
    );
  });

  test('that is very long is shown as several, none of which cuts a character', () => {
    const euros = '€'.repeat(LONGEST_LINE);
    const lines = shown([euros.slice(0, 50_000), euros.slice(50_000), '\n']).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => line.replace('[rank 0] ', '')).join('')).toBe(euros);
    expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(LONGEST_LINE + '[rank 0] '.length);
    expect(lines.length).toBe(4);
  });

  test('of exactly the longest length is one line', () => {
    const longest = 'x'.repeat(LONGEST_LINE);
    expect(shown([longest, '\n'])).toBe(`[rank 0] ${longest}\n`);
    expect(shown([`${longest}\n`])).toBe(`[rank 0] ${longest}\n`);
  });
});

describe('a progress bar', () => {
  test.each([
    ['10%\r50%\r100%\n', '[rank 0] 100%\n'],
    ['\r10%\r50%', '[rank 0] 50%\n'],
    ['100%\r', '[rank 0] 100%\n'],
    ['as on Windows\r\n', '[rank 0] as on Windows\n'],
    ['\r\n', '[rank 0] \n'],
    ['\r\r', ''],
    ['100%\r\r\n\rnext\n', '[rank 0] 100%\n[rank 0] next\n'],
  ])('in a pipe has its last state shown: %j', (printed, expected) => {
    expect(shown([printed])).toBe(expected);
    expect(shown([...printed])).toBe(expected);
  });

  test('on a terminal has each state shown over the one before', () => {
    const [erase, unwrapped, wrapped] = ['\u001b[K', '\u001b[?7l', '\u001b[?7h'];
    expect(shown(['\r10%\r', '50%\rdone\n'], TERMINAL)).toBe(
      `${unwrapped}${erase}[rank 0] 10%${wrapped}\r${unwrapped}${erase}[rank 0] 50%${wrapped}\r${erase}[rank 0] done\n`,
    );
  });

  test('of an hour without newline costs no memory', () => {
    const splitter = lineSplitter(PIPE);
    const states = Buffer.from('\rhalf of it'.repeat(5_000));
    for (let time = 0; time < 100; time += 1) expect(splitter.feed(states).length).toBe(0);
    expect(splitter.end().toString()).toBe('[rank 0] half of it\n');
  });
});

/** What a pipe should have of it, worked out from the whole. */
function expectedOf(printed: string): string {
  const lines = printed.split('\n');
  const last = lines.pop() ?? '';
  const all = last.replaceAll('\r', '') === '' ? lines : [...lines, last];
  return all
    .map((line) =>
      partsOf(line)
        .map((part) => `[rank 0] ${part}\n`)
        .join(''),
    )
    .join('');
}

/** Full parts of a state are shown at once, and the rest only of the last state. */
function partsOf(line: string): readonly string[] {
  const states = line.split('\r').filter((state) => state !== '');
  const parts = states.map((state) => state.match(new RegExp(`.{1,${LONGEST_LINE}}`, 'gs')) ?? []);
  const rest = parts.at(-1)?.at(-1) ?? '';
  return [...parts.flatMap((each) => each.slice(0, -1)), rest];
}

const piece = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r'), maxLength: 12 }) },
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom('c', '\n'), maxLength: 90 }) },
  { weight: 1, arbitrary: fc.integer({ min: 65_000, max: 140_000 }).map((length) => 'l'.repeat(length)) },
);

test('however a stream is cut into pieces, its lines are the same', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat({ max: 300_000 }), { maxLength: 12 }), (printed, cuts) => {
      const whole = printed.join('');
      const places = [0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length].sort((a, b) => a - b);
      const pieces = places.slice(1).map((place, index) => whole.slice(places[index], place));
      expect(shown(pieces)).toBe(expectedOf(whole));
      expect(shown(pieces, TERMINAL)).toBe(shown([whole], TERMINAL));
    }),
    { seed: PROPERTY_SEED, numRuns: 500 },
  );
});

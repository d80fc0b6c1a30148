import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../source-files.ts';

const PROGRAMS = join(ROOT, 'scripts', 'program-hangs', 'programs');

/** A program in which one rank, the culprit, keeps the others from getting on, and what has to be said of it. */
export interface HangProgram {
  /** What the table calls it. */
  readonly title: string;
  readonly file: string;
  /** Which of its misdeeds, for a program that has several. */
  readonly kind?: string;
  /** Whether torchrun can launch it too. */
  readonly isForTorchrun: boolean;
  /** Whether it needs a Python with torch. */
  readonly needsTorch: boolean;
  /** Whether the marked line has to be named, or printed at least; a rank that is gone, or is no code that can be seen, has none. */
  readonly line: 'named' | 'printed' | 'none';
  /** What the report has to show besides: the path, the child or the lock for which the culprit waits. */
  readonly mentions?: RegExp;
  /** Whether two ranks alone cannot tell which of them is wrong. */
  readonly hasSides?: boolean;
  /** Whether what can be seen of the ranks is the same, so that nobody can tell. */
  readonly mayBeUnknown?: boolean;
}

type Expected = Pick<HangProgram, 'line' | 'mentions' | 'hasSides' | 'mayBeUnknown'>;

const NAMED: Expected = { line: 'named' };
const PRINTED: Expected = { line: 'printed' };
const GONE: Expected = { line: 'none' };

const PYTHON: Readonly<Record<string, Expected>> = {
  returns_early: GONE,
  sleeps: NAMED,
  spins_in_python: NAMED,
  spins_in_c: NAMED,
  // A stopped process answers nobody; only who reads its memory sees a line.
  is_stopped: GONE,
  deadlocks: NAMED,
  blocks_on_fifo: { line: 'named', mentions: /labels\.fifo/ },
  raises: PRINTED,
  other_order: { line: 'named', hasSides: true },
  // Whom gloo aborts first need not be the one that is wrong.
  other_shape: { line: 'none', mayBeUnknown: true },
  never_inits: NAMED,
  saves_on_one_rank: { line: 'named', hasSides: true },
  loader_worker: NAMED,
};

const NODE: Readonly<Record<string, Expected>> = {
  returns: GONE,
  throws: PRINTED,
  awaits: GONE,
  spins: NAMED,
  backtracks: NAMED,
  starves: NAMED,
  sleeps: NAMED,
  'waits for a child': { line: 'none', mentions: /sleep 3600/ },
  'blocks on a FIFO': { line: 'none', mentions: /labels\.fifo/ },
  'is stopped': GONE,
};

const BARRIERS: Readonly<Record<string, Expected>> = {
  ...NODE,
  'meets in other order': { line: 'printed', hasSides: true },
};

const SOCKETS: Readonly<Record<string, Expected>> = {
  ...NODE,
  // An idle event loop looks like any other.
  awaits: { line: 'none', mayBeUnknown: true },
};

const SHELL: Readonly<Record<string, Expected>> = {
  returns: GONE,
  fails: { line: 'none', mentions: /loss is NaN/ },
  sleeps: { line: 'none', mentions: /sleep 3600/ },
  spins: GONE,
  'is stopped': GONE,
  'blocks on a FIFO': { line: 'none', mentions: /labels\.fifo/ },
  'waits for a lock': { line: 'none', mentions: /flock/ },
  'meets in other order': { line: 'none', hasSides: true },
};

/** All of them. */
export const HANG_PROGRAMS: readonly HangProgram[] = [
  ...Object.entries(PYTHON).map(([name, expected]) => ({
    title: `PyTorch: ${name.replaceAll('_', ' ')}`,
    file: join(PROGRAMS, 'python', `${name}.py`),
    isForTorchrun: true,
    needsTorch: true,
    ...expected,
  })),
  ...kindsOf('Node.js, sockets', join('node', 'sockets.mjs'), true, SOCKETS),
  ...kindsOf('Node.js, barriers', join('node', 'barriers.mjs'), false, BARRIERS),
  ...kindsOf('shell, barriers', join('shell', 'barriers.sh'), false, SHELL),
];

function kindsOf(
  title: string,
  file: string,
  isForTorchrun: boolean,
  kinds: Readonly<Record<string, Expected>>,
): readonly HangProgram[] {
  return Object.entries(kinds).map(([kind, expected]) => ({
    title: `${title}: ${kind}`,
    ...{ file: join(PROGRAMS, file), kind, isForTorchrun, needsTorch: false },
    ...expected,
  }));
}

/** A program in a world of some size, and who does wrong. */
export interface ProgramCase {
  readonly program: HangProgram;
  readonly worldSize: number;
  readonly culprit: number;
}

/** Every program in worlds of these sizes, with the first rank as the culprit, the middle one, and the last. */
export const everyCase = (programs: readonly HangProgram[], worldSizes: readonly number[]): readonly ProgramCase[] =>
  programs.flatMap((program) =>
    worldSizes.flatMap((worldSize) =>
      [...new Set([0, Math.floor(worldSize / 2), worldSize - 1])].map((culprit) => ({ program, worldSize, culprit })),
    ),
  );

/** The case in few words. */
export const spell = ({ program, worldSize, culprit }: ProgramCase): string =>
  `${program.title}, rank ${culprit} of ${worldSize}`;

/** The program and its arguments. */
export const commandOf = ({ program: { file, kind }, culprit }: ProgramCase): readonly string[] => [
  file,
  ...(kind === undefined ? [] : [kind]),
  String(culprit),
];

/** The ranks that have to be named: both sides where nobody can tell. */
export const expectedRanks = ({ program, worldSize, culprit }: ProgramCase): readonly number[] =>
  program.hasSides === true && worldSize === 2 ? [0, 1] : [culprit];

/** A line of a file that has to be named. */
export interface MarkedLine {
  readonly file: string;
  readonly line: number;
}

/** The lines that are marked with HANG, and with the misdeed where there are several: any of them is right. */
export function markedLines({ file, kind }: HangProgram): readonly MarkedLine[] {
  const mark = kind === undefined ? /# HANG$/ : new RegExp(`// HANG ${kind}$`);
  const files = file.endsWith('.mjs') ? [file, join(PROGRAMS, 'node', 'misdeeds.mjs')] : [file];
  const found = files.flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((text, index) => (mark.test(text) ? [{ file: path, line: index + 1 }] : [])),
  );
  if (found.length === 0) throw new RangeError(`${file}: no line is marked with HANG ${kind ?? ''}`);
  return found;
}

import { type CkptError, usageError } from '../../shared/contracts/errors.ts';
import { COMMANDS, type CommandName, type OptionName, rowOf } from './option-table.ts';

/** What the words that are no options say: a subcommand, or what is to be run. */
export interface CommandWords {
  readonly command: CommandName | 'run';
  /** The program to launch and its arguments, as they were given; none where scenarios are run. What a subcommand is about. */
  readonly positionals: readonly string[];
}

/** Whether a word is a subcommand. */
export const isCommand = (word: string | undefined): word is CommandName => word !== undefined && Object.hasOwn(COMMANDS, word);

/** What a subcommand is about, if it takes a word, and how to find one. */
const SUBJECTS: Readonly<Partial<Record<CommandName, { readonly word: string; readonly hint: string }>>> = {
  inspect: { word: 'RUN-DIR', hint: 'Name the run directory: the last line of a failed run is one.' },
  barrier: { word: 'NAME', hint: 'Name the barrier: the other ranks come to one of the same name.' },
};

/**
 * Subcommands take no words but the one that they are about, and of the options those that every command takes; a program takes none of a scenario's, and a
 * scenario none of a program's. Throws CKPT_USAGE.
 */
export function refuseStray({ command, positionals }: CommandWords, options: readonly OptionName[]): void {
  if (command === 'run') refuseOfOtherRuns(positionals[0], options);
  else refuseAboutRuns(command, positionals, options);
}

function refuseAboutRuns(command: CommandName, positionals: readonly string[], options: readonly OptionName[]): void {
  const strayOptions = options.filter((name) => !isOf(command, name)).map((name) => `--${name}`);
  const subject = SUBJECTS[command];
  if (subject !== undefined && positionals.length !== 1)
    throw usageError(
      `ckpt-run ${command}: got ${positionals.length === 0 ? 'nothing' : positionals.join(' ')}, expected one ${subject.word}`,
      subject.hint,
    );
  const [stray] = [...(subject === undefined ? positionals : []), ...strayOptions];
  if (stray !== undefined) throw usageError(`ckpt-run ${command}: got ${stray}, expected nothing that is about a run`);
}

const isOf = (command: CommandName, option: OptionName): boolean => {
  const { isGlobal = false, isBarriersToo = false, only } = rowOf(option);
  return isGlobal || (command === 'barrier' && (isBarriersToo || only === 'barrier'));
};

function refuseOfOtherRuns(program: string | undefined, options: readonly OptionName[]): void {
  const barriers = options.find((name) => rowOf(name).only === 'barrier');
  if (barriers !== undefined) throw usageError(`--${barriers}: given to a run, expected ckpt-run barrier NAME in front of it`);
  const other = program === undefined ? 'program' : 'scenarios';
  const stray = options.find((name) => rowOf(name).only === other);
  if (stray === undefined) return;
  throw program === undefined ? needsProgram(stray) : needsScenario(stray, program);
}

const needsProgram = (option: OptionName): CkptError =>
  usageError(
    `--${option}: given without a program, expected one behind the options`,
    'Without a program the built-in ranks run scenarios, which have no use for it.',
  );

const needsScenario = (option: OptionName, program: string): CkptError =>
  usageError(
    `--${option}: given with the program ${program}, expected a scenario run`,
    'Leave it out, or put it behind the program if it is an option of the program.',
  );

import parse from 'yargs-parser';
import { usageError } from '../../shared/contracts/errors.ts';
import { type CommandWords, isCommand, refuseStray } from './command-words.ts';
import { type CommandName, OPTION_NAMES, type OptionName, rowOf, variablesOf } from './option-table.ts';
import { refuseAmbiguous, refuseFlagValue, refuseUnknown, spellOut } from './option-words.ts';

/** The text given to an option, and what the option should be called in messages. */
export interface Given {
  readonly text: string;
  readonly name: string;
}

/** What was asked for, before its values are understood: each option's text, and where it came from. */
export interface CommandLine extends CommandWords {
  /** Undefined where nothing was given. */
  given(option: OptionName): Given | undefined;
  isSet(option: OptionName): boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const flags = OPTION_NAMES.filter((name) => rowOf(name).kind === 'flag');
const valued = OPTION_NAMES.filter((name) => rowOf(name).kind !== 'flag');
const aliases = new Map(
  OPTION_NAMES.flatMap((name) => (rowOf(name).alias === undefined ? [] : [[String(rowOf(name).alias), name] as const])),
);

/**
 * Reads the command line: both spellings of every option, unique prefixes, and `CKPT_RUN_*` and torchrun's `PET_*`
 * variables as defaults. Options end at the first word that is none, or at `--`: what follows is a program's. Throws
 * CKPT_USAGE for an unknown, ambiguous, repeated or incomplete option, and for what a subcommand or a program does not take.
 */
export function readCommandLine(argv: readonly string[], environment: Environment): CommandLine {
  const { words, parsed, ...line } = cutUp(argv);
  words.forEach(refuseAmbiguous);
  for (const name of Object.keys(parsed)) if (!isStructure(name)) refuseUnknown(name);
  for (const word of words) refuseFlagValue(spellOut(word));
  refuseStray(
    line,
    OPTION_NAMES.filter((option) => parsed[option] !== undefined),
  );
  const given = (option: OptionName): Given | undefined => givenTo(option, { words, parsed }, environment);
  return { ...line, given, isSet: (option) => isTrue(given(option)) };
}

/** Whether JSON is wanted, as far as that can be told from a command line that may be wrong. Never throws. */
export function wantsJson(argv: readonly string[], environment: Environment): boolean {
  const { 'log-format': format } = cutUp(argv).parsed;
  return (format ?? fromEnvironment('log-format', environment)?.text) === 'json';
}

/** Whether a program that cannot be started is to end as with torchrun, as far as that can be told likewise. Never throws. */
export function wantsTorchrunExitCodes(argv: readonly string[], environment: Environment): boolean {
  const { 'torchrun-exit-codes': set } = cutUp(argv).parsed;
  return [true, 'true', '1'].includes(set ?? fromEnvironment('torchrun-exit-codes', environment)?.text);
}

/** Whether a run is wanted and no subcommand, of a command line that may be wrong. Never throws. */
export const wantsRun = (argv: readonly string[]): boolean => cutUp(argv).command === 'run';

/** The words that may be options, what the parser made of them, and what the others say. */
interface Cut extends CommandWords {
  readonly words: readonly string[];
  readonly parsed: parse.Arguments;
}

function cutUp(argv: readonly string[]): Cut {
  const parsed = parseWords(argv, { 'halt-at-non-option': true });
  const end = argv.length - wordsBehind(parsed).length;
  const [words, behind] = [argv.slice(0, end), argv.slice(end)];
  const [first, ...others] = behind;
  if (isCommand(first) && words.at(-1) !== '--') return cutUpCommand(first, [...words, ...others]);
  return { command: 'run', words, parsed, positionals: [...parsed._.map(String), ...behind] };
}

/** Options of a subcommand may stand on both sides of it. */
function cutUpCommand(command: CommandName, argv: readonly string[]): Cut {
  const parsed = parseWords(argv, { 'halt-at-non-option': false });
  const behind = wordsBehind(parsed);
  const words = argv.slice(0, argv.length - behind.length);
  return { command, words, parsed, positionals: [...parsed._, ...behind].map(String) };
}

/** What the parser left alone. */
const wordsBehind = (parsed: parse.Arguments): readonly unknown[] => (Array.isArray(parsed['--']) ? parsed['--'] : []);

const parseWords = (words: readonly string[], configuration: Partial<parse.Configuration>): parse.Arguments =>
  parse(words.map(spellOut).map(keepQuotes), {
    boolean: [...flags],
    string: [...valued],
    alias: Object.fromEntries([...aliases].map(([alias, name]) => [name, [alias]])),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'short-option-groups': true,
      'strip-aliased': true,
      ...configuration,
    },
  });

/** The parser takes one pair of quotes off every value behind an equals sign. */
const keepQuotes = (word: string): string => word.replace(/^(--[^=]+=)(.*)$/s, '$1"$2"');

const isStructure = (name: string): boolean => name === '_' || name === '--' || aliases.has(name);

/** The command line wins over a variable, and over the variable of an option that it excludes. */
function givenTo(
  option: OptionName,
  { words, parsed }: Pick<Cut, 'words' | 'parsed'>,
  environment: Environment,
): Given | undefined {
  const { excludes, mayBeEmpty } = rowOf(option);
  if (mayBeEmpty === true && parsed[option] === '' && words.some(isEmptyValue)) return undefined;
  const isOverruled = excludes !== undefined && isTrue(fromArguments(excludes, parsed));
  return fromArguments(option, parsed) ?? (isOverruled ? undefined : fromEnvironment(option, environment));
}

/** What the parser cannot tell from a value that is missing. */
const isEmptyValue = (word: string): boolean => word === '' || word.endsWith('=');

function fromArguments(option: OptionName, parsed: parse.Arguments): Given | undefined {
  const name = `--${option}`;
  const value: unknown = parsed[option];
  if (value === undefined) return undefined;
  const { kind, isTorchrun = false } = rowOf(option);
  // Of torchrun's options the last one counts: scripts append what they want otherwise.
  if (Array.isArray(value) && kind !== 'flag' && !isTorchrun)
    throw usageError(`${name}: given ${value.length} times, expected once`);
  const text = String(Array.isArray(value) ? value.at(-1) : value);
  if (text === '') throw usageError(`${name}: a value is missing`);
  return { text, name };
}

function fromEnvironment(option: OptionName, environment: Environment): Given | undefined {
  return variablesOf(option).flatMap((name) => (environment[name] ? [{ text: environment[name], name }] : []))[0];
}

function isTrue(given: Given | undefined): boolean {
  if (given === undefined || given.text === '0' || given.text === 'false') return false;
  if (given.text === '1' || given.text === 'true') return true;
  throw usageError(`${given.name}: got ${JSON.stringify(given.text)}, expected 1 or 0`);
}

import parse from 'yargs-parser';
import { usageError } from '../../shared/contracts/errors.ts';
import { type CommandWords, refuseStray, splitCommand } from './command-words.ts';
import { OPTION_NAMES, type OptionName, rowOf } from './option-table.ts';
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
const aliases = new Map(OPTION_NAMES.flatMap((name) => rowOf(name).alias ?? []).map((alias) => [alias, nameOfAlias(alias)]));

/**
 * Reads the command line: both spellings of every option, unique prefixes, and `CKPT_RUN_*` and torchrun's `PET_*`
 * variables as defaults. Throws CKPT_USAGE for an unknown, ambiguous, repeated or incomplete option, and for what a
 * subcommand does not take.
 */
export function readCommandLine(argv: readonly string[], environment: Environment): CommandLine {
  const { words, rest } = splitAtEnd(argv);
  words.forEach(refuseAmbiguous);
  const parsed = parseWords(words, rest);
  for (const name of Object.keys(parsed)) if (!isStructure(name)) refuseUnknown(name);
  for (const word of words) refuseFlagValue(spellOut(word));
  const { command, positionals } = splitCommand(parsed._.map(String));
  const line = { command, positionals: [...positionals, ...rest] };
  refuseStray(
    line,
    OPTION_NAMES.filter((option) => parsed[option] !== undefined),
  );
  const given = (option: OptionName): Given | undefined => givenTo(option, parsed, environment);
  return { ...line, given, isSet: (option) => isTrue(given(option)) };
}

/** Whether JSON is wanted, as far as that can be told from a command line that may be wrong. Never throws. */
export function wantsJson(argv: readonly string[], environment: Environment): boolean {
  const { words, rest } = splitAtEnd(argv);
  const { 'log-format': format } = parseWords(words, rest);
  return (format ?? fromEnvironment('log-format', environment)?.text) === 'json';
}

/** What stands behind `--` has no options. */
function splitAtEnd(argv: readonly string[]): { readonly words: readonly string[]; readonly rest: readonly string[] } {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return { words: argv.slice(0, end), rest: argv.slice(end + 1) };
}

const parseWords = (words: readonly string[], rest: readonly string[]): parse.Arguments =>
  parse([...words.map(spellOut).map(keepQuotes), '--', ...rest], {
    boolean: [...flags],
    string: [...valued],
    alias: Object.fromEntries([...aliases].map(([alias, name]) => [name, [alias]])),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'halt-at-non-option': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'short-option-groups': true,
      'strip-aliased': true,
    },
  });

/** The parser takes one pair of quotes off every value behind an equals sign. */
const keepQuotes = (word: string): string => word.replace(/^(--[^=]+=)(.*)$/s, '$1"$2"');

const isStructure = (name: string): boolean => name === '_' || name === '--' || aliases.has(name);

/** The command line wins over a variable, and over the variable of an option that it excludes. */
function givenTo(option: OptionName, parsed: parse.Arguments, environment: Environment): Given | undefined {
  const { excludes } = rowOf(option);
  const isOverruled = excludes !== undefined && isTrue(fromArguments(excludes, parsed));
  return fromArguments(option, parsed) ?? (isOverruled ? undefined : fromEnvironment(option, environment));
}

function fromArguments(option: OptionName, parsed: parse.Arguments): Given | undefined {
  const name = `--${option}`;
  const value: unknown = parsed[option];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && rowOf(option).kind !== 'flag')
    throw usageError(`${name}: given ${value.length} times, expected once`);
  const text = String(Array.isArray(value) ? value.at(-1) : value);
  if (text === '') throw usageError(`${name}: a value is missing`);
  return { text, name };
}

function fromEnvironment(option: OptionName, environment: Environment): Given | undefined {
  const suffix = option.toUpperCase().replaceAll('-', '_');
  const names = [`CKPT_RUN_${suffix}`, ...(rowOf(option).isTorchrun === true ? [`PET_${suffix}`] : [])];
  return names.flatMap((name) => (environment[name] ? [{ text: environment[name], name }] : []))[0];
}

function isTrue(given: Given | undefined): boolean {
  if (given === undefined || given.text === '0' || given.text === 'false') return false;
  if (given.text === '1' || given.text === 'true') return true;
  throw usageError(`${given.name}: got ${JSON.stringify(given.text)}, expected 1 or 0`);
}

function nameOfAlias(alias: string): OptionName {
  const name = OPTION_NAMES.find((option) => rowOf(option).alias === alias);
  if (name === undefined) throw new RangeError(`no option has the alias ${alias}`);
  return name;
}

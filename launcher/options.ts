import parse from 'yargs-parser';
import { usageError } from '../shared/contracts/errors.ts';
import { didYouMean } from './nearest.ts';
import { COMMANDS, type CommandName, OPTION_NAMES, type OptionName, rowOf } from './option-table.ts';

/** What was asked for, before its values are understood: each option's text, and where it came from. */
export interface CommandLine {
  readonly command: CommandName | 'run';
  readonly positionals: readonly string[];
  /** The text given to an option, as `name` it should be called in messages; undefined where nothing was given. */
  given(option: OptionName): { readonly text: string; readonly name: string } | undefined;
  isSet(option: OptionName): boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const flags = OPTION_NAMES.filter((name) => rowOf(name).kind === 'flag');
const valued = OPTION_NAMES.filter((name) => rowOf(name).kind !== 'flag');
const aliases = Object.fromEntries(
  OPTION_NAMES.flatMap((name) => rowOf(name).alias ?? []).map((alias) => [alias, nameOfAlias(alias)]),
);

/**
 * Reads the command line: both spellings of every option, unique prefixes, and `CKPT_RUN_*` and torchrun's `PET_*`
 * variables as defaults. Throws CKPT_USAGE for an unknown, ambiguous, repeated or incomplete option.
 */
export function readCommandLine(argv: readonly string[], environment: Environment): CommandLine {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const words = argv.slice(0, end).map(spellOut);
  const parsed = parse([...words.map(keepQuotes), ...argv.slice(end)], {
    boolean: [...flags],
    string: [...valued],
    alias: Object.fromEntries(Object.entries(aliases).map(([alias, name]) => [name, [alias]])),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'halt-at-non-option': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': true,
      'strip-aliased': true,
    },
  });
  for (const name of Object.keys(parsed)) refuseUnknown(name);
  for (const word of words) refuseFlagValue(word);
  const { command, positionals } = splitCommand(parsed._.map(String));
  const given = (option: OptionName): ReturnType<CommandLine['given']> =>
    fromArguments(option, parsed[option]) ?? fromEnvironment(option, environment);
  return {
    command,
    positionals,
    given,
    isSet: (option) => {
      const value = given(option);
      return value !== undefined && truth(value.name, value.text);
    },
  };
}

/** Turns underscores into dashes and a unique prefix into the whole name; leaves everything else alone. */
function spellOut(word: string): string {
  if (!word.startsWith('--') || word === '--') return word;
  const [spelling = '', ...value] = word.slice(2).split('=');
  const dashed = spelling.replaceAll('_', '-');
  const matches = dashed === '' ? [] : OPTION_NAMES.filter((name) => name.startsWith(dashed));
  if (!OPTION_NAMES.some((name) => name === dashed) && matches.length > 1) {
    throw usageError(`--${spelling}: ambiguous, it could be ${matches.map((name) => `--${name}`).join(' or ')}`);
  }
  const name = OPTION_NAMES.find((option) => option === dashed) ?? matches[0] ?? dashed;
  return [`--${name}`, ...value].join('=');
}

/** The parser takes one pair of quotes off every value behind an equals sign. */
const keepQuotes = (word: string): string => word.replace(/^(--[^=]+=)(.*)$/s, '$1"$2"');

function refuseUnknown(name: string): void {
  if (name === '_' || name === '--' || Object.hasOwn(aliases, name) || OPTION_NAMES.some((option) => option === name)) return;
  const spelled = name.length === 1 ? `-${name}` : `--${name}`;
  throw usageError(
    `${spelled}: there is no such option${didYouMean(
      spelled,
      OPTION_NAMES.map((option) => `--${option}`),
    )}`,
  );
}

function refuseFlagValue(word: string): void {
  const [name, ...value] = word.slice(2).split('=');
  const text = value.join('=');
  if (value.length === 0 || !flags.some((flag) => flag === name) || text === 'true' || text === 'false') return;
  throw usageError(`--${name}: got ${JSON.stringify(text)}, but it takes no value`);
}

function splitCommand(words: readonly string[]): {
  readonly command: CommandName | 'run';
  readonly positionals: readonly string[];
} {
  const [first, ...rest] = words;
  const command = Object.keys(COMMANDS).find((name): name is CommandName => name === first);
  return command === undefined ? { command: 'run', positionals: words } : { command, positionals: rest };
}

function fromArguments(option: OptionName, value: unknown): ReturnType<CommandLine['given']> {
  const name = `--${option}`;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && rowOf(option).kind !== 'flag')
    throw usageError(`${name}: given ${value.length} times, expected once`);
  const text = String(Array.isArray(value) ? value.at(-1) : value);
  if (text === '') throw usageError(`${name}: a value is missing`);
  return { text, name };
}

function fromEnvironment(option: OptionName, environment: Environment): ReturnType<CommandLine['given']> {
  const suffix = option.toUpperCase().replaceAll('-', '_');
  const names = [`CKPT_RUN_${suffix}`, ...(rowOf(option).isTorchrun === true ? [`PET_${suffix}`] : [])];
  return names.flatMap((name) => (environment[name] ? [{ text: environment[name], name }] : []))[0];
}

function truth(name: string, text: string): boolean {
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  throw usageError(`${name}: got ${JSON.stringify(text)}, expected 1 or 0`);
}

function nameOfAlias(alias: string): OptionName {
  const name = OPTION_NAMES.find((option) => rowOf(option).alias === alias);
  if (name === undefined) throw new RangeError(`no option has the alias ${alias}`);
  return name;
}

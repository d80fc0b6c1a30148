import { usageError } from '../../shared/contracts/errors.ts';
import { didYouMean } from '../../shared/policy/nearest.ts';
import { OPTION_NAMES, type OptionName, optionOfLetter, rowOf, TAKEN_OPTIONS } from './option-table.ts';

/**
 * Turns underscores into dashes, a unique prefix or a letter into the whole name, and a flag without a value into one with,
 * so that it takes no word behind it; leaves everything else alone.
 */
export function spellOut(word: string): string {
  return isLong(word) ? spellOutName(word) : spellOutLetter(word);
}

function spellOutName(word: string): string {
  const [spelling = '', ...value] = word.slice(2).split('=');
  const [name, ...others] = meanings(spelling);
  if (name === undefined || others.length > 0) return [`--${dashed(spelling)}`, ...value].join('=');
  return value.length === 0 ? bare(name) : [`--${name}`, ...value].join('=');
}

/** `-r3` and `-r=3` are `--redirects=3`; letters of several flags are left together. */
function spellOutLetter(word: string): string {
  const [, letter = '', value] = /^-([A-Za-z])(?:=?(.+))?$/s.exec(word) ?? [];
  const name = optionOfLetter(letter);
  if (name === undefined) return word;
  if (value === undefined) return bare(name);
  return isFlag(name) ? word : `--${name}=${value}`;
}

const bare = (name: OptionName): string => (isFlag(name) ? `--${name}=true` : `--${name}`);

const isFlag = (name: OptionName): boolean => rowOf(name).kind === 'flag';

/** Refuses a prefix of several options. Throws CKPT_USAGE. */
export function refuseAmbiguous(word: string): void {
  const [spelling = ''] = isLong(word) ? word.slice(2).split('=') : [];
  const meant = meanings(spelling).map((name) => `--${name}`);
  if (meant.length > 1) throw usageError(`--${spelling}: ambiguous, it could be ${meant.join(' or ')}`);
}

/** Refuses a name that no option has. Throws CKPT_USAGE. */
export function refuseUnknown(name: string): void {
  const spelled = name.length === 1 ? `-${name}` : `--${name}`;
  if (OPTION_NAMES.some((option) => option === name)) return;
  const taken = TAKEN_OPTIONS.map((option) => `--${option}`);
  throw usageError(`${spelled}: there is no such option${didYouMean(spelled, taken)}`);
}

/** Refuses a flag with a value that is no truth value; `word` is spelled out. Throws CKPT_USAGE. */
export function refuseFlagValue(word: string): void {
  const [name, ...value] = word.slice(2).split('=');
  const text = value.join('=');
  const isKnown = OPTION_NAMES.some((option) => option === name && isFlag(option));
  if (value.length === 0 || !isKnown || text === 'true' || text === 'false') return;
  throw usageError(`--${name}: got ${JSON.stringify(text)}, expected true, false or no value`);
}

const isLong = (word: string): boolean => word.startsWith('--') && word !== '--';

const dashed = (spelling: string): string => spelling.replaceAll('_', '-');

/** The option of this name, or else all that it is a prefix of. */
function meanings(spelling: string): readonly OptionName[] {
  const name = dashed(spelling);
  const exact = OPTION_NAMES.filter((option) => option === name);
  return exact.length > 0 || name === '' ? exact : OPTION_NAMES.filter((option) => option.startsWith(name));
}

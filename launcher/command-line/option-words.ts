import { usageError } from '../../shared/contracts/errors.ts';
import { didYouMean } from '../../shared/policy/nearest.ts';
import { OPTION_NAMES, type OptionName, rowOf } from './option-table.ts';

/** Turns underscores into dashes and a unique prefix into the whole name; leaves everything else alone. */
export function spellOut(word: string): string {
  if (!isLong(word)) return word;
  const [spelling = '', ...value] = word.slice(2).split('=');
  const meant = meanings(spelling);
  return [`--${meant.length === 1 ? meant[0] : dashed(spelling)}`, ...value].join('=');
}

/** Refuses a prefix of several options. Throws CKPT_USAGE. */
export function refuseAmbiguous(word: string): void {
  const [spelling = ''] = isLong(word) ? word.slice(2).split('=') : [];
  const meant = meanings(spelling).map((name) => `--${name}`);
  if (meant.length > 1) throw usageError(`--${spelling}: ambiguous, it could be ${meant.join(' or ')}`);
}

/** Refuses a name that no option has. Throws CKPT_USAGE. */
export function refuseUnknown(name: string): void {
  const spelled = name.length === 1 ? `-${name}` : `--${name}`;
  const known = OPTION_NAMES.map((option) => `--${option}`);
  if (!known.includes(`--${name}`)) throw usageError(`${spelled}: there is no such option${didYouMean(spelled, known)}`);
}

/** Refuses a flag with a value that is no truth value; `word` is spelled out. Throws CKPT_USAGE. */
export function refuseFlagValue(word: string): void {
  const [name, ...value] = word.slice(2).split('=');
  const text = value.join('=');
  const isFlag = OPTION_NAMES.some((option) => option === name && rowOf(option).kind === 'flag');
  if (value.length === 0 || !isFlag || text === 'true' || text === 'false') return;
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

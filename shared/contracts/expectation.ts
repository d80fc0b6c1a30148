import { usageError } from './errors.ts';

/** What a value must be, in words, and the test for it: one home for the ranges that options, harness and scenario files share. */
export interface Expected<T> {
  readonly words: string;
  readonly accepts: (value: unknown) => value is T;
}

const isPositiveInteger = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isFunction = (value: unknown): value is (...inputs: never[]) => unknown => typeof value === 'function';

/** The ranges that are needed: a name says what it accepts, `words` says it to people. */
export const positiveInteger: Expected<number> = { words: 'a positive whole number', accepts: isPositiveInteger };
/** Ranks are processes of one machine, started one after the other: more would be a slip of the hand. */
export const rankCount: Expected<number> = {
  words: 'a whole number from 1 to 4096',
  accepts: (value): value is number => isPositiveInteger(value) && value <= 4096,
};
export const count: Expected<number> = { words: 'a whole number, 0 or more', accepts: isCount };
export const positiveOrNone: Expected<number | 'none'> = {
  words: 'a positive whole number or none',
  accepts: (value): value is number | 'none' => value === 'none' || isPositiveInteger(value),
};
export const anyNumber: Expected<number> = { words: 'a number', accepts: (value): value is number => typeof value === 'number' };
export const positiveNumber: Expected<number> = {
  words: 'a positive number',
  accepts: (value): value is number => typeof value === 'number' && value > 0 && Number.isFinite(value),
};
export const text: Expected<string> = {
  words: 'a text that is not empty',
  accepts: (value): value is string => typeof value === 'string' && value.trim() !== '',
};
export const flag: Expected<boolean> = {
  words: 'true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
};
export const callable: Expected<(...inputs: never[]) => unknown> = { words: 'a function', accepts: isFunction };
export const steps: Expected<readonly number[]> = {
  words: 'an array of steps',
  accepts: (value): value is readonly number[] => Array.isArray(value) && value.every(isCount),
};

/** Names become directories: short, lower-case, nothing to escape. */
export const directoryName: Expected<string> = {
  words: 'lower-case letters, digits and dashes, at most 60',
  accepts: (value): value is string => typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,59}$/.test(value),
};

/** One of a few words. */
export const oneOf = <const T extends string>(...words: readonly T[]): Expected<T> => ({
  words: words.join(' or '),
  accepts: (value): value is T => words.some((word) => word === value),
});

/** Returns the value, or refuses it in one line that says what it is called, what was given and what is expected. */
export function expectValue<T>(name: string, value: unknown, expected: Expected<T>, hint?: string): T {
  if (expected.accepts(value)) return value;
  throw usageError(`${name}: got ${describe(value)}, expected ${expected.words}`, hint);
}

/** A value as an error message shows it: at most 60 characters. */
export function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const shown =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
}

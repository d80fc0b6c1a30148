import type { TrainerCallback } from '../../shared/contracts/callback.ts';
import { CkptError, messageOf } from '../../shared/contracts/errors.ts';
import { describe } from '../../shared/contracts/expectation.ts';
import type { Json, JsonObject } from '../../shared/contracts/json.ts';

/** Every stateDict under its callback's name, as JSON carries it. */
export function stateOf(callbacks: ReadonlyMap<string, TrainerCallback>): JsonObject {
  const stateful = [...callbacks].filter(([, { stateDict }]) => stateDict !== undefined);
  return Object.fromEntries(stateful.map(([name, callback]) => [name, savedState(name, callback)]));
}

/** What JSON cannot hold (NaN, a Map, undefined) is found now, and not after a restart. */
function savedState(name: string, callback: TrainerCallback): Json {
  const { state, text } = written(name, callback);
  if (!isPlainObject(state)) throw notPlain(name, state);
  if (isSavable(state)) return JSON.parse(text);
  throw invalidCallback(
    `stateDict of ${name} returns what JSON cannot hold`,
    'Return a plain object of JSON values; write NaN as a text.',
  );
}

function written(name: string, callback: TrainerCallback): { readonly state: unknown; readonly text: string } {
  try {
    const state: unknown = callback.stateDict?.();
    return { state, text: JSON.stringify(state) };
  } catch (cause) {
    throw invalidCallback(`stateDict of ${name}: ${messageOf(cause)}`, `Correct stateDict; it returns ${WANTED}.`, cause);
  }
}

const WANTED = 'a plain object of JSON values';

const notPlain = (name: string, state: unknown): CkptError =>
  invalidCallback(
    `stateDict of ${name} returns ${kindOf(state)}, expected a plain object`,
    `Return ${WANTED} at once: no promise, no array, no instance of a class.`,
  );

function kindOf(state: unknown): string {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return describe(state);
  const { constructor: maker }: { readonly constructor?: unknown } = state;
  return typeof maker === 'function' ? `an instance of ${maker.name}` : 'an object with a prototype of its own';
}

/** What JSON gives back as it was: of an instance of a class, a Map or a Promise only the fields would be left. */
const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && PLAIN.includes(Object.getPrototypeOf(value));

const PLAIN: readonly unknown[] = [Object.prototype, null];

const isSavable = (value: unknown): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return [...value].every(isSavable);
  return isPlainObject(value) && Object.values(value).every(isSavable);
};

/** The callbacks of a scenario cannot be used. */
export const invalidCallback = (message: string, hint: string, cause?: unknown): CkptError =>
  new CkptError(message, { code: 'CKPT_CALLBACK_INVALID', hint, cause });

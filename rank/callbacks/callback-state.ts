import type { TrainerCallback } from '../../shared/contracts/callback.ts';
import { CkptError, messageOf } from '../../shared/contracts/errors.ts';
import type { Json, JsonObject } from '../../shared/contracts/json.ts';

/** Every stateDict under its callback's name, as JSON carries it. */
export function stateOf(callbacks: ReadonlyMap<string, TrainerCallback>): JsonObject {
  const states = [...callbacks].flatMap(([name, callback]) => {
    const state = savedState(name, callback);
    return state === undefined ? [] : [[name, state] as const];
  });
  return Object.fromEntries(states);
}

/** What JSON cannot hold (NaN, a Map, undefined) is found now, and not after a restart. */
function savedState(name: string, callback: TrainerCallback): Json | undefined {
  try {
    const state = callback.stateDict?.();
    if (state === undefined) return undefined;
    const saved: Json = JSON.parse(JSON.stringify(state) ?? 'null');
    if (isSavable(state)) return saved;
  } catch (cause) {
    throw invalidCallback(
      `stateDict of ${name}: ${messageOf(cause)}`,
      'Correct stateDict; it returns a plain object of JSON values.',
      cause,
    );
  }
  throw invalidCallback(
    `stateDict of ${name} returns what JSON cannot hold`,
    'Return a plain object of JSON values; write NaN as a text.',
  );
}

const isSavable = (value: unknown): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (value instanceof Map || value instanceof Set || value instanceof Date) return false;
  return typeof value === 'object' && Object.values(value).every(isSavable);
};

/** The callbacks of a scenario cannot be used. */
export const invalidCallback = (message: string, hint: string, cause?: unknown): CkptError =>
  new CkptError(message, { code: 'CKPT_CALLBACK_INVALID', hint, cause });

import type { Metrics, TrainerCallback, TrainerControl, TrainerState } from '../shared/contracts/callback.ts';
import { CkptError, messageOf } from '../shared/contracts/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../shared/contracts/json.ts';
import type { CallbackContext, Scenario } from '../shared/contracts/scenario.ts';

/** One rank's callbacks, called in the order in which the scenario gives them. */
export interface CallbackSet {
  onEvaluate(metrics: Metrics, state: TrainerState, control: TrainerControl): Promise<void>;
  onSave(state: TrainerState, control: TrainerControl): Promise<void>;
  onTrainEnd(state: TrainerState, control: TrainerControl): Promise<void>;
  /** Names of the detectors that are given evaluations. */
  readonly listeningDetectors: readonly string[];
  /** Every stateDict under its callback's name, as JSON carries it. */
  stateDict(): JsonObject;
  /** What a fresh set gives back as its state after it has been given this one. */
  restored(saved: JsonObject): JsonObject;
}

/** Makes the callbacks of a scenario for one rank. Throws CKPT_CALLBACK_INVALID when two share a name. */
export function makeCallbacks(scenario: Scenario, context: CallbackContext): CallbackSet {
  const callbacks = named(scenario.callbacks(context));
  return {
    onEvaluate: async (metrics, state, control) => {
      for (const callback of callbacks.values()) await callback.onEvaluate?.(metrics, state, control);
      for (const callback of callbacks.values()) await callback.onLog?.(metrics, state, control);
    },
    onSave: async (state, control) => {
      for (const callback of callbacks.values()) await callback.onSave?.(state, control);
    },
    onTrainEnd: async (state, control) => {
      for (const callback of callbacks.values()) await callback.onTrainEnd?.(state, control);
    },
    listeningDetectors: [...callbacks]
      .filter(([, callback]) => callback.detectsDivergence === true && callback.onEvaluate !== undefined)
      .map(([name]) => name),
    stateDict: () => stateOf(callbacks),
    restored: (saved) => {
      const fresh = named(scenario.callbacks(context));
      for (const [name, callback] of fresh) {
        const state = saved[name];
        if (isJsonObject(state)) callback.loadStateDict?.(state);
      }
      return stateOf(fresh);
    },
  };
}

function named(callbacks: readonly TrainerCallback[]): ReadonlyMap<string, TrainerCallback> {
  const byName = new Map<string, TrainerCallback>();
  for (const callback of callbacks) {
    const name = callback.name ?? callback.constructor.name;
    if (byName.has(name)) throw invalid(`two callbacks are called ${name}`, 'Give each callback a name of its own.');
    byName.set(name, callback);
  }
  return byName;
}

function stateOf(callbacks: ReadonlyMap<string, TrainerCallback>): JsonObject {
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
    throw invalid(
      `stateDict of ${name}: ${messageOf(cause)}`,
      'Correct stateDict; it returns a plain object of JSON values.',
      cause,
    );
  }
  throw invalid(
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

const invalid = (message: string, hint: string, cause?: unknown): CkptError =>
  new CkptError(message, { code: 'CKPT_CALLBACK_INVALID', hint, cause });

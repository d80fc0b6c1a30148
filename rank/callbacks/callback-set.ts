import type { Metrics, TrainerCallback, TrainerControl, TrainerState } from '../../shared/contracts/callback.ts';
import { messageOf } from '../../shared/contracts/errors.ts';
import { isJsonObject, type JsonObject } from '../../shared/contracts/json.ts';
import type { CallbackContext, Scenario } from '../../shared/contracts/scenario.ts';
import { callbacksProblem, isDetector } from '../../shared/policy/callback-shape.ts';
import type { Doing } from '../doing.ts';
import { invalidCallback, stateOf } from './callback-state.ts';
import { checkControl } from './trainer-control.ts';

/** One rank's callbacks, called in the order in which the scenario gives them. */
export interface CallbackSet {
  /** The names of those that detect divergence, in their order. */
  readonly detectors: readonly string[];
  /** Calls back with the name of each detector as soon as it has been given the evaluation. */
  onEvaluate(metrics: Metrics, state: TrainerState, control: TrainerControl, onHeard: (detector: string) => void): Promise<void>;
  onSave(state: TrainerState, control: TrainerControl): Promise<void>;
  onTrainEnd(state: TrainerState, control: TrainerControl): Promise<void>;
  /** Every stateDict under its callback's name, as JSON carries it. */
  stateDict(): JsonObject;
  /** What a fresh set gives back as its state after it has been given this one. */
  restored(saved: JsonObject): JsonObject;
}

/**
 * Makes the callbacks of a scenario for one rank. It and all methods throw CKPT_CALLBACK_INVALID when callbacks cannot be
 * made or share a name, when a fresh set is not fresh, when a state cannot be saved and when a control is set to what it cannot be.
 */
export function makeCallbacks(scenario: Scenario, context: CallbackContext, doing: Doing): CallbackSet {
  const callbacks = freshSet(scenario, context);
  const each = async (
    hook: 'onEvaluate' | 'onLog' | 'onSave' | 'onTrainEnd',
    control: TrainerControl,
    call: (callback: TrainerCallback, name: string) => void | Promise<void>,
  ): Promise<void> => {
    for (const [name, callback] of callbacks) {
      await doing.calling(`callback ${name}.${hook}`, callback[hook], () => call(callback, name));
      checkControl(name, control);
    }
  };
  return {
    detectors: [...callbacks].flatMap(([name, callback]) => (isDetector(callback) ? [name] : [])),
    onEvaluate: async (metrics, state, control, onHeard) => {
      await each('onEvaluate', control, async (callback, name) => {
        await callback.onEvaluate?.(metrics, state, control);
        if (isDetector(callback) && callback.onEvaluate !== undefined) onHeard(name);
      });
      await each('onLog', control, (callback) => callback.onLog?.(metrics, state, control));
    },
    onSave: (state, control) => each('onSave', control, (callback) => callback.onSave?.(state, control)),
    onTrainEnd: (state, control) => each('onTrainEnd', control, (callback) => callback.onTrainEnd?.(state, control)),
    stateDict: () => stateOf(callbacks),
    restored: (saved) => {
      const fresh = freshSet(scenario, context);
      refuseShared(callbacks, fresh);
      for (const [name, callback] of fresh) {
        const state = saved[name];
        if (isJsonObject(state)) callback.loadStateDict?.(state);
      }
      return stateOf(fresh);
    },
  };
}

function freshSet(scenario: Scenario, context: CallbackContext): ReadonlyMap<string, TrainerCallback> {
  const made = madeBy(scenario, context);
  const problem = callbacksProblem(made);
  if (problem !== undefined) throw invalidCallback(problem, HINT);
  return named(made);
}

const HINT = 'Correct the callbacks of the scenario file.';

function madeBy({ callbacks }: Scenario, context: CallbackContext): readonly TrainerCallback[] {
  try {
    return callbacks(context);
  } catch (cause) {
    throw invalidCallback(`callbacks() throws: ${messageOf(cause)}`, HINT, cause);
  }
}

function named(callbacks: readonly TrainerCallback[]): ReadonlyMap<string, TrainerCallback> {
  const byName = new Map<string, TrainerCallback>();
  for (const callback of callbacks) {
    const name = callback.name ?? callback.constructor.name;
    if (byName.has(name)) throw invalidCallback(`two callbacks are called ${name}`, 'Give each callback a name of its own.');
    byName.set(name, callback);
  }
  return byName;
}

/** State that a fresh set shares with the live one was never lost, so nothing would be known about its return. */
function refuseShared(live: ReadonlyMap<string, TrainerCallback>, fresh: ReadonlyMap<string, TrainerCallback>): void {
  const known = new Set(live.values());
  for (const [name, callback] of fresh) {
    if (callback.stateDict === undefined || !known.has(callback)) continue;
    throw invalidCallback(
      `callbacks() returns the same ${name} again, so its state cannot be restored into a fresh one`,
      `Make each callback inside callbacks(): callbacks: () => [new ${name}()].`,
    );
  }
}

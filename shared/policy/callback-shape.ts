import type { TrainerCallback } from '../contracts/callback.ts';
import { describe } from '../contracts/expectation.ts';
import { isJsonObject } from '../contracts/json.ts';

/** Says in one sentence what is wrong with what `callbacks()` of a scenario returned; undefined for a set of callbacks. */
export function callbacksProblem(made: unknown): string | undefined {
  if (!Array.isArray(made)) return `callbacks() returns ${describe(made)}, expected an array`;
  const index = made.findIndex((callback) => !isJsonObject(callback));
  return index < 0 ? undefined : `callbacks()[${index}] is ${describe(made[index])}, expected an object`;
}

/** Whether a callback says that it exists to notice divergence. */
export const isDetector = ({ detectsDivergence }: TrainerCallback): boolean => detectsDivergence === true;

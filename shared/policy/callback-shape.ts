import type { TrainerCallback } from '../contracts/callback.ts';
import { describe } from '../contracts/expectation.ts';
import { isJsonObject } from '../contracts/json.ts';
import { distance } from './nearest.ts';

/** Says in one sentence what is wrong with what `callbacks()` of a scenario returned; undefined for a set of callbacks. */
export function callbacksProblem(made: unknown): string | undefined {
  if (!Array.isArray(made)) return `callbacks() returns ${describe(made)}, expected an array`;
  const problems = made.map((callback: unknown, index) => callbackProblem(`callbacks()[${index}]`, callback));
  return problems.find((problem) => problem !== undefined);
}

function callbackProblem(place: string, callback: unknown): string | undefined {
  if (!isJsonObject(callback)) return `${place} is ${describe(callback)}, expected an object`;
  const misspelt = methodNames(callback).find((name) => meant(name) !== undefined);
  return misspelt === undefined ? undefined : `${place}.${misspelt} would never be called (did you mean ${meant(misspelt)}?)`;
}

// biome-ignore format: a list
const METHODS = ['onEvaluate', 'onLog', 'onSave', 'onTrainEnd', 'stateDict', 'loadStateDict'] as const satisfies readonly (keyof TrainerCallback)[];

/** The method that a name was meant to be: Python's spelling of it, or one with a slip of the finger. */
function meant(name: string): string | undefined {
  const plain = name.replaceAll('_', '').toLowerCase();
  const isSlip = (method: string): boolean => distance(name, method) <= 1 || lettersOf(name) === lettersOf(method);
  const isKnown = METHODS.some((method) => method === name);
  return isKnown ? undefined : METHODS.find((method) => method.toLowerCase() === plain || isSlip(method));
}

const lettersOf = (name: string): string => [...name].sort().join('');

/** Names of functions on an object and its classes. */
function methodNames(value: object): readonly string[] {
  if (value === Object.prototype) return [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(value)).filter(([, { value: held }]) => typeof held === 'function');
  const above: unknown = Object.getPrototypeOf(value);
  return [...own.map(([name]) => name), ...(typeof above === 'object' && above !== null ? methodNames(above) : [])];
}

/** Whether a callback says that it exists to notice divergence. */
export const isDetector = ({ detectsDivergence }: TrainerCallback): boolean => detectsDivergence === true;

import { type CheckpointInfo, checkpointName } from '../contracts/checkpoint.ts';

/** Says in one sentence what is wrong with the decision of a user's retention; undefined when it can be carried out. */
export function checkDecision(decision: unknown, checkpoints: readonly CheckpointInfo[]): string | undefined {
  if (typeof decision !== 'object' || decision === null) return 'retention must return an object with preserve and delete';
  const preserve: unknown = Reflect.get(decision, 'preserve');
  const doomed: unknown = Reflect.get(decision, 'delete');
  if (!isSteps(preserve)) return 'preserve must be an array of steps, each a whole number';
  if (!isSteps(doomed)) return 'delete must be an array of steps, each a whole number';
  const steps = checkpoints.map(({ step }) => step);
  return strangerIn([...preserve, ...doomed], steps) ?? splitProblem(preserve, doomed, steps);
}

function strangerIn(decided: readonly number[], steps: readonly number[]): string | undefined {
  const stranger = decided.find((step) => !steps.includes(step));
  return stranger === undefined ? undefined : `${checkpointName(stranger)} is decided on but is not among the checkpoints`;
}

function splitProblem(preserve: readonly number[], doomed: readonly number[], steps: readonly number[]): string | undefined {
  const decided = [...preserve, ...doomed];
  const both = preserve.find((step) => doomed.includes(step));
  if (both !== undefined) return `${checkpointName(both)} is both in preserve and in delete`;
  const twice = decided.find((step, index) => decided.indexOf(step) !== index);
  if (twice !== undefined) return `${checkpointName(twice)} is named twice`;
  const neither = steps.find((step) => !decided.includes(step));
  return neither === undefined ? undefined : `${checkpointName(neither)} is neither in preserve nor in delete`;
}

const isSteps = (value: unknown): value is readonly number[] => Array.isArray(value) && [...value].every(Number.isInteger);

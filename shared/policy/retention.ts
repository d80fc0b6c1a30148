import type { Limit, RetentionDecision, RetentionHistory, RetentionPolicy } from '../contracts/checkpoint.ts';

/** Keeps the newest saveTotalLimit checkpoints and every one in the best list: their union. */
export const newestAndBest: RetentionPolicy = (history) => {
  const steps = stepsOf(history);
  const newest = steps.slice(excessOf(history));
  return decide(steps, new Set([...newest, ...bestSteps(history)]));
};

/**
 * Counts the best inside saveTotalLimit: while more remain, the oldest outside the best list goes.
 * It trusts the best list it is given, so a stale list costs a good checkpoint, and a short limit the newest one.
 */
export const inclusiveRetention: RetentionPolicy = (history) => {
  const steps = stepsOf(history);
  const best = new Set(bestSteps(history));
  const doomed = new Set(steps.filter((step) => !best.has(step)).slice(0, excessOf(history)));
  return decide(steps, new Set(steps.filter((step) => !doomed.has(step))));
};

/** How many checkpoints there are beyond saveTotalLimit. */
const excessOf = ({ checkpoints, saveTotalLimit }: RetentionHistory): number =>
  Math.max(0, checkpoints.length - countOf(saveTotalLimit));

const countOf = (limit: Limit): number => (limit === 'none' ? Number.POSITIVE_INFINITY : limit);

const stepsOf = ({ checkpoints }: RetentionHistory): readonly number[] =>
  checkpoints.map(({ step }) => step).sort((a, b) => a - b);

const bestSteps = ({ best }: RetentionHistory): readonly number[] => best.map(({ step }) => step);

const decide = (steps: readonly number[], kept: ReadonlySet<number>): RetentionDecision => ({
  preserve: steps.filter((step) => kept.has(step)),
  delete: steps.filter((step) => !kept.has(step)),
});

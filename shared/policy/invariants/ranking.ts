import type { BestEntry, CheckpointInfo, Limit } from '../../contracts/checkpoint.ts';
import type { DeclaredScenario } from '../../contracts/evidence.ts';

/**
 * The true best preserveNBest of everything committed, best first: finite metrics only, the earlier of equals first.
 * Written apart from the manager's arithmetic, which it judges.
 */
export function trueBest(committed: readonly CheckpointInfo[], { mode, preserveNBest }: DeclaredScenario): readonly BestEntry[] {
  const sign = mode === 'min' ? 1 : -1;
  const ranked = committed.flatMap(({ step, metric }) => (Number.isFinite(metric) ? [{ step, metric: Number(metric) }] : []));
  const bySteps = ranked.toSorted((a, b) => a.step - b.step);
  return bySteps
    .toSorted((a, b) => sign * Number(a.metric > b.metric) - sign * Number(a.metric < b.metric))
    .slice(0, preserveNBest);
}

/** The true newest of everything committed, newest first. */
export function trueNewest(committed: readonly CheckpointInfo[], limit: Limit): readonly number[] {
  const steps = stepsOf(committed).toSorted((a, b) => b - a);
  return limit === 'none' ? steps : steps.slice(0, limit);
}

/** The steps of checkpoints, in their order. */
export const stepsOf = (checkpoints: readonly CheckpointInfo[]): readonly number[] => checkpoints.map(({ step }) => step);

/** The steps of the first list that the second lacks. */
export const without = (steps: readonly number[], others: readonly number[]): readonly number[] =>
  steps.filter((step) => !others.includes(step));

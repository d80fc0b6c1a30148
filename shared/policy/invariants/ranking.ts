import type { BestEntry, CheckpointInfo } from '../../contracts/checkpoint.ts';
import type { DeclaredScenario } from '../../contracts/evidence.ts';

/** What is worth keeping of everything committed. Written apart from the manager's arithmetic, which it judges. */
export interface Ranking {
  /** The true best preserveNBest, best first: finite metrics only, the earlier of equals first. */
  readonly best: readonly BestEntry[];
  /** The true newest saveTotalLimit, newest first. */
  readonly newest: readonly number[];
}

/** The ranking of nothing. */
export const NOTHING: Ranking = { best: [], newest: [] };

type Limits = Pick<DeclaredScenario, 'mode' | 'preserveNBest' | 'saveTotalLimit'>;

/** The ranking after one more checkpoint: what falls out of it never comes back, so nothing else need be remembered. */
export function withCheckpoint({ best, newest }: Ranking, { step, metric }: CheckpointInfo, limits: Limits): Ranking {
  const { mode, preserveNBest, saveTotalLimit } = limits;
  const others = best.filter((entry) => entry.step !== step);
  const ranked =
    metric === undefined || !Number.isFinite(metric)
      ? others
      : insert(others, { step, metric }, (a, b) => isBefore(a, b, mode)).slice(0, preserveNBest);
  const limit = saveTotalLimit === 'none' ? undefined : saveTotalLimit;
  const steps = newest.filter((other) => other !== step);
  return { best: ranked, newest: insert(steps, step, (a, b) => a > b).slice(0, limit) };
}

/** Puts an item before the first that it precedes. */
function insert<T>(items: readonly T[], item: T, precedes: (a: T, b: T) => boolean): readonly T[] {
  const place = items.findIndex((other) => precedes(item, other));
  return place === -1 ? [...items, item] : items.toSpliced(place, 0, item);
}

/** Whether one entry stands before another in a best list: it is better, or equal and earlier. */
export function isBefore(a: BestEntry, b: BestEntry, mode: DeclaredScenario['mode']): boolean {
  if (a.metric === b.metric) return a.step < b.step;
  return mode === 'min' ? a.metric < b.metric : a.metric > b.metric;
}

/** The steps of checkpoints, in their order. */
export const stepsOf = (checkpoints: readonly { readonly step: number }[]): readonly number[] =>
  checkpoints.map(({ step }) => step);

/** The steps of the first list that the second lacks. */
export function without(steps: readonly number[], others: readonly number[]): readonly number[] {
  const known = new Set(others);
  return steps.filter((step) => !known.has(step));
}

/** Whether two lists hold the same steps in the same order. */
export const areSame = (steps: readonly number[], others: readonly number[]): boolean =>
  steps.length === others.length && steps.every((step, place) => step === others[place]);

/** Steps in ascending order, each once. */
export const ascending = (steps: readonly number[]): readonly number[] => [...new Set(steps)].sort((a, b) => a - b);

import type { CheckpointFate } from '../../contracts/verdict.ts';
import type { Account } from './account.ts';
import { eventsOf, journalOf } from './journals.ts';
import { stepsOf } from './ranking.ts';

/** What became of every checkpoint ever committed, by step: places count from 1 among the true newest and the true best. */
export function fatesOf(account: Account): readonly CheckpointFate[] {
  const { good } = account.end;
  const commits = eventsOf(journalOf(account, 0), 'checkpoint:committed');
  const metrics = new Map(commits.map(({ step, metric }) => [step, metric]));
  const losses = lossesOf(account);
  // Where all are kept, none is kept for being new.
  const newest = account.scenario.saveTotalLimit === 'none' ? [] : good.newest;
  const best = stepsOf(good.best);
  return account.committed.map(({ step }) => ({
    step,
    metric: metrics.get(step) ?? null,
    fate: losses.get(step) ?? { kind: 'kept', newest: placeOf(step, newest), best: placeOf(step, best) },
  }));
}

/** How each checkpoint that is no longer there went. */
function lossesOf(account: Account): ReadonlyMap<number, CheckpointFate['fate']> {
  const deletions = eventsOf(journalOf(account, 0), 'checkpoint:deleted').map(({ step, atStep }) => [step, atStep] as const);
  const deletedAt = new Map(deletions);
  // A damaged directory that was deleted on record is what a deletion left behind.
  const there = account.disk.filter(({ step, problem }) => problem === null || !deletedAt.has(step));
  const isThere = new Set(stepsOf(there));
  const gone = stepsOf(account.committed).filter((step) => !isThere.has(step));
  return new Map(gone.map((step) => [step, lossOf(deletedAt.get(step))]));
}

const lossOf = (atStep: number | undefined): CheckpointFate['fate'] =>
  atStep === undefined ? { kind: 'missing' } : { kind: 'deleted', atStep };

function placeOf(step: number, order: readonly number[]): number | null {
  const place = order.indexOf(step);
  return place === -1 ? null : place + 1;
}

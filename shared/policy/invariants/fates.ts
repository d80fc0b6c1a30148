import type { Evidence } from '../../contracts/evidence.ts';
import type { CheckpointFate } from '../../contracts/verdict.ts';
import { eventsOf, journalOf } from './journals.ts';
import { stepsOf, trueBest, trueNewest } from './ranking.ts';
import { replay } from './replay.ts';

/** What became of every checkpoint ever committed, by step: places count from 1 among the true newest and the true best. */
export function fatesOf(evidence: Evidence): readonly CheckpointFate[] {
  const commits = eventsOf(journalOf(evidence, 0), 'checkpoint:committed');
  const metrics = new Map(commits.map(({ step, metric }) => [step, metric]));
  const committed = replay(evidence).at(-1)?.committed ?? [];
  const { saveTotalLimit } = evidence.scenario;
  // Where all are kept, none is kept for being new.
  const newest = saveTotalLimit === 'none' ? [] : trueNewest(committed, saveTotalLimit);
  const best = stepsOf(trueBest(committed, evidence.scenario));
  return committed.map(({ step }) => ({
    step,
    metric: metrics.get(step) ?? null,
    fate: lossOf(evidence, step) ?? { kind: 'kept', newest: placeOf(step, newest), best: placeOf(step, best) },
  }));
}

/** How a checkpoint went; undefined when it is still there. */
function lossOf(evidence: Evidence, step: number): CheckpointFate['fate'] | undefined {
  const found = evidence.disk.find((checkpoint) => checkpoint.step === step);
  const deletion = eventsOf(journalOf(evidence, 0), 'checkpoint:deleted').findLast((event) => event.step === step);
  // A damaged directory that was deleted on record is what a deletion left behind.
  if (found !== undefined && (found.problem === null || deletion === undefined)) return undefined;
  return deletion === undefined ? { kind: 'missing' } : { kind: 'deleted', atStep: deletion.atStep };
}

function placeOf(step: number, order: readonly number[]): number | null {
  const place = order.indexOf(step);
  return place === -1 ? null : place + 1;
}

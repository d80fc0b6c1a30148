import type { Evidence } from '../../contracts/evidence.ts';
import type { EntryOf, JournalEntry, JournalEvent } from '../../contracts/journal.ts';
import { decodeMetric } from '../../contracts/metric.ts';

/** One rank's journal. */
export type RankJournal = readonly JournalEvent[];

/** The journal of a rank; one that is not there is empty. */
export const journalOf = (evidence: Evidence, rank: number): RankJournal => evidence.history[rank] ?? [];

/** Every rank's journal, as many as the world has ranks. */
export const journalsOf = (evidence: Evidence): readonly RankJournal[] =>
  Array.from({ length: evidence.worldSize }, (_, rank) => journalOf(evidence, rank));

/** Every rank of the world, ascending. */
export const allRanks = (evidence: Evidence): readonly number[] => Array.from({ length: evidence.worldSize }, (_, rank) => rank);

/** The events of one type, in order. */
export const eventsOf = <T extends JournalEntry['type']>(journal: RankJournal, type: T): readonly (JournalEvent & EntryOf<T>)[] =>
  journal.filter((event): event is JournalEvent & EntryOf<T> => event.type === type);

/** Events under their step, those of one step in their order. */
export function byStep<E extends { readonly step: number }>(events: readonly E[]): ReadonlyMap<number, readonly E[]> {
  const groups = new Map<number, E[]>();
  for (const event of events) {
    const group = groups.get(event.step);
    if (group === undefined) groups.set(event.step, [event]);
    else group.push(event);
  }
  return groups;
}

/** What was measured at each evaluated step: undefined where the evaluation gave no metric. */
export const evaluatedMetrics = (journal: RankJournal): ReadonlyMap<number, number | undefined> =>
  new Map(eventsOf(journal, 'evaluation:finished').map(({ step, metric }) => [step, decodeMetric(metric)]));

/** The step of training that the journal last named up to and with this position; undefined before the first. */
export const stepAt = (journal: RankJournal, position: number): number | undefined =>
  stepOf(journal.slice(0, position + 1).findLast((event) => stepOf(event) !== undefined));

/** For each position of the journal the step of training that it names next from there on; undefined after the last. */
export function stepsAhead(journal: RankJournal): readonly (number | undefined)[] {
  const ahead: (number | undefined)[] = [];
  for (const event of journal.toReversed()) ahead.push(stepOf(event) ?? ahead.at(-1));
  return ahead.reverse();
}

/** The step of training at which an event happened; a deletion names its checkpoint's step besides. */
function stepOf(event: JournalEvent | undefined): number | undefined {
  if (event?.type === 'checkpoint:deleted') return event.atStep;
  return event !== undefined && 'step' in event ? event.step : undefined;
}

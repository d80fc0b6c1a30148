import type { BarrierKey } from '../../shared/contracts/barrier.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';

/** A rank at a barrier, as its journal says. */
export interface TimelineVisit {
  readonly rank: number;
  /** The name under which it came, which is another where ranks disagree. */
  readonly name: string;
  readonly outcome: 'arrived' | 'passed' | 'aborted';
  /** Wall clock, milliseconds. */
  readonly arrivedAtMs: number;
  /** After the first rank that came, milliseconds. */
  readonly afterFirstMs: number;
  /** Null while it waits. */
  readonly waitedMs: number | null;
}

/** A barrier and who was there; whoever is missing is not in `visits`. */
export interface TimelineBarrier extends BarrierKey {
  /** Wall clock, milliseconds. */
  readonly firstAtMs: number;
  /** In rank order. */
  readonly visits: readonly TimelineVisit[];
}

/** How many barriers are told of. */
const LAST_BARRIERS = 4;

type Visit = Omit<TimelineVisit, 'afterFirstMs'>;

/** The last barriers of a run, oldest first, from its journals. */
export function timelineOf(history: readonly (readonly JournalEvent[])[]): readonly TimelineBarrier[] {
  const visits = new Map<number, Map<number, Visit>>();
  for (const [rank, journal] of history.entries()) for (const event of journal) note(visits, rank, event);
  const sequences = [...visits.keys()].sort((a, b) => a - b).slice(-LAST_BARRIERS);
  return sequences.flatMap((sequence) => {
    const here = [...(visits.get(sequence)?.values() ?? [])];
    const firstAtMs = here.reduce((first, { arrivedAtMs }) => Math.min(first, arrivedAtMs), Number.POSITIVE_INFINITY);
    const name = mostFrequent(here.map((visit) => visit.name));
    const told = here.map((visit) => ({ ...visit, afterFirstMs: visit.arrivedAtMs - firstAtMs }));
    return name === undefined ? [] : [{ sequence, name, firstAtMs, visits: told }];
  });
}

function note(visits: Map<number, Map<number, Visit>>, rank: number, event: JournalEvent): void {
  if (event.type !== 'barrier:arrived' && event.type !== 'barrier:passed' && event.type !== 'barrier:aborted') return;
  const { sequence, name, atMs } = event;
  const here = visits.get(sequence) ?? new Map<number, Visit>();
  visits.set(sequence, here);
  if (event.type === 'barrier:arrived')
    return void here.set(rank, { rank, name, outcome: 'arrived', arrivedAtMs: atMs, waitedMs: null });
  const outcome = event.type === 'barrier:passed' ? 'passed' : 'aborted';
  const arrivedAtMs = here.get(rank)?.arrivedAtMs ?? atMs;
  here.set(rank, { rank, name, outcome, arrivedAtMs, waitedMs: atMs - arrivedAtMs });
}

function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

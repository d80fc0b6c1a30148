import type { BarrierKey } from '../../contracts/barrier.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import { dissent } from './agreement.ts';
import { findingOf, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { eventsOf, journalsOf, type RankJournal, stepsAhead } from './journals.ts';

/** All ranks meet at the same barriers. */
export const barriersInOrder: Invariant = {
  name: 'barriers-in-order',
  group: 'DDP Coordination',
  covers: 'All ranks coordinate via barriers',
  claim: 'All ranks arrive at the same barriers in the same order, each used once, and pass all but perhaps the last.',
  hint: 'Let all ranks hit every barrier: look for early returns that skip one and exceptions that prevent the call.',
  check: (evidence) => {
    const count = eventsOf(evidence.history[0] ?? [], 'barrier:arrived').length;
    const passed = `All ranks met at the same ${count} barriers in the same order`;
    const visits = journalsOf(evidence).map(visitsOf);
    return [findingOf('barriers-in-order', passed, [...firstDesync(visits), ...visits.flatMap(ofOneRank)])];
  },
};

/** A barrier event of one rank, with the step that it led to. */
interface Visit {
  readonly event: EntryOf<'barrier:arrived' | 'barrier:passed' | 'barrier:aborted'>;
  readonly step: number | undefined;
}

function visitsOf(journal: RankJournal): readonly Visit[] {
  const ahead = stepsAhead(journal);
  return journal.flatMap((event, position) =>
    event.type === 'barrier:arrived' || event.type === 'barrier:passed' || event.type === 'barrier:aborted'
      ? [{ event, step: ahead[position] }]
      : [],
  );
}

const arrivalsIn = (visits: readonly Visit[]): readonly Visit[] => visits.filter(({ event }) => event.type === 'barrier:arrived');

/** The first place in the order at which the ranks are not all at the same barrier. */
function firstDesync(visits: readonly (readonly Visit[])[]): readonly Violation[] {
  const arrivals = visits.map(arrivalsIn);
  const longest = Math.max(0, ...arrivals.map(({ length }) => length));
  for (let place = 0; place < longest; place += 1) {
    const here = arrivals.map((ofRank) => ofRank[place]);
    const found = here.map((visit) => (visit === undefined ? 'no barrier' : nameOf(visit.event)));
    const { agreed, ranks } = dissent(found);
    const step = here[found.indexOf(agreed)]?.step;
    const message = 'Ranks met at different barriers';
    if (ranks.length > 0) return ranks.map((rank) => ({ step, rank, message, expected: agreed, found: `${found[rank]}` }));
  }
  return [];
}

const ofOneRank = (visits: readonly Visit[], rank: number): readonly Violation[] => [
  ...aborted(visits, rank),
  ...reused(visits, rank),
  ...notPassed(visits, rank),
];

/** Every arrival but the last is followed by the passing of the same barrier, and no other barrier is passed. */
function notPassed(visits: readonly Visit[], rank: number): readonly Violation[] {
  const doors = visits.filter(({ event }) => event.type !== 'barrier:aborted');
  return doors.flatMap(({ event, step }, place): Violation[] => {
    const isArrival = event.type === 'barrier:arrived';
    const partner = doors[isArrival ? place + 1 : place - 1]?.event;
    const isLast = isArrival && partner === undefined;
    if (isLast || (partner !== undefined && partner.type !== event.type && nameOf(partner) === nameOf(event))) return [];
    const message = isArrival ? 'A rank went on from a barrier without passing it' : 'A rank passed a barrier without arriving';
    return [{ step, rank, message, expected: `arrived at and passed ${nameOf(event)}`, found: `only ${event.type}` }];
  });
}

/** The numbers of barriers only grow. */
function reused(visits: readonly Visit[], rank: number): readonly Violation[] {
  const arrivals = arrivalsIn(visits);
  return arrivals.flatMap(({ event, step }, place): Violation[] => {
    const before = arrivals[place - 1]?.event;
    if (before === undefined || before.sequence < event.sequence) return [];
    const expected = `a barrier after ${nameOf(before)}`;
    return [{ step, rank, message: 'A barrier was used twice', expected, found: nameOf(event) }];
  });
}

const aborted = (visits: readonly Visit[], rank: number): readonly Violation[] =>
  visits.flatMap(({ event, step }): readonly Violation[] => {
    if (event.type !== 'barrier:aborted') return [];
    const message = `Barrier ${nameOf(event)} was given up: ${event.reason}`;
    const found = `missing ranks: ${event.missing.join(', ') || 'none'}`;
    return [{ step, rank, message, expected: 'every barrier passed', found }];
  });

const nameOf = ({ sequence, name }: BarrierKey): string => `${sequence} "${name}"`;

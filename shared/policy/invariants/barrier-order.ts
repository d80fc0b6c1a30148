import type { BarrierKey } from '../../contracts/barrier.ts';
import type { Evidence } from '../../contracts/evidence.ts';
import type { Invariant } from '../../contracts/invariant.ts';
import { dissent } from './agreement.ts';
import { findingOf, type Violation } from './finding.ts';
import { eventsOf, journalsOf, type RankJournal, stepAfter } from './journals.ts';

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
    const ofEach = journalsOf(evidence).flatMap(ofOneRank);
    return [findingOf('barriers-in-order', passed, [...firstDesync(evidence), ...ofEach])];
  },
};

/** One rank's arrival, in its place in the order, with the step that it led to. */
interface Meeting {
  readonly barrier: string;
  readonly step: number | undefined;
}

/** The first place in the order at which the ranks are not all at the same barrier. */
function firstDesync(evidence: Evidence): readonly Violation[] {
  const meetings = journalsOf(evidence).map(meetingsOf);
  const longest = Math.max(0, ...meetings.map(({ length }) => length));
  for (let place = 0; place < longest; place += 1) {
    const here = meetings.map((ofRank) => ofRank[place] ?? NO_MEETING);
    const found = here.map(({ barrier }) => barrier);
    const { agreed, ranks } = dissent(found);
    const step = here[found.indexOf(agreed)]?.step;
    const message = 'Ranks met at different barriers';
    if (ranks.length > 0) return ranks.map((rank) => ({ step, rank, message, expected: agreed, found: `${found[rank]}` }));
  }
  return [];
}

const NO_MEETING: Meeting = { barrier: 'no barrier', step: undefined };

const meetingsOf = (journal: RankJournal): readonly Meeting[] =>
  journal.flatMap((event, position) =>
    event.type === 'barrier:arrived' ? [{ barrier: nameOf(event), step: stepAfter(journal, position) }] : [],
  );

const ofOneRank = (journal: RankJournal, rank: number): readonly Violation[] => [
  ...aborted(journal, rank),
  ...reused(journal, rank),
  ...notPassed(journal, rank),
];

/** Every arrival but the last is followed by the passing of the same barrier, and no other barrier is passed. */
function notPassed(journal: RankJournal, rank: number): readonly Violation[] {
  const visits = journal.filter((event) => event.type === 'barrier:arrived' || event.type === 'barrier:passed');
  return visits.flatMap((visit, place): Violation[] => {
    const partner = visit.type === 'barrier:arrived' ? visits[place + 1] : visits[place - 1];
    const isLast = visit.type === 'barrier:arrived' && partner === undefined;
    if (isLast || (partner !== undefined && partner.type !== visit.type && nameOf(partner) === nameOf(visit))) return [];
    const message =
      visit.type === 'barrier:arrived'
        ? 'A rank went on from a barrier without passing it'
        : 'A rank passed a barrier without arriving';
    const expected = `arrived at and passed ${nameOf(visit)}`;
    return [{ step: stepAfter(journal, journal.indexOf(visit)), rank, message, expected, found: `only ${visit.type}` }];
  });
}

/** The numbers of barriers only grow. */
function reused(journal: RankJournal, rank: number): readonly Violation[] {
  const arrivals = eventsOf(journal, 'barrier:arrived');
  return arrivals.flatMap((arrival, place): Violation[] => {
    const before = arrivals[place - 1];
    if (before === undefined || before.sequence < arrival.sequence) return [];
    const step = stepAfter(journal, journal.indexOf(arrival));
    return [
      { step, rank, message: 'A barrier was used twice', expected: `a barrier after ${nameOf(before)}`, found: nameOf(arrival) },
    ];
  });
}

const aborted = (journal: RankJournal, rank: number): readonly Violation[] =>
  eventsOf(journal, 'barrier:aborted').map((event) => ({
    step: stepAfter(journal, journal.indexOf(event)),
    rank,
    message: `Barrier ${nameOf(event)} was given up: ${event.reason}`,
    expected: 'every barrier passed',
    found: `missing ranks: ${event.missing.join(', ') || 'none'}`,
  }));

const nameOf = ({ sequence, name }: BarrierKey): string => `${sequence} "${name}"`;

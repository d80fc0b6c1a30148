import { type ArrivalRecord, givenApart } from '../../contracts/barrier.ts';
import type { RankEvidence } from '../../contracts/diagnosis.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import { eachOf, spellBarrier, spellMs, spellSubject } from './clauses.ts';
import { type HangAccount, numbersOf, type Side } from './hang-account.ts';
import type { Conclusion, HangRule } from './hang-rule.ts';
import { doingsOf } from './loop-evidence.ts';
import { isPoolExhausted, progressOf } from './process-evidence.ts';

/** The sides of a disagreement: who stands with most of the world, if anybody does, and who does not. */
interface Disagreement {
  readonly majority: Side | undefined;
  readonly others: readonly Side[];
}

/** Undefined when all that came agree. A majority is more than half of the world; without one, nobody can say who is wrong. */
function disagreementOf(account: HangAccount): Disagreement | undefined {
  if (account.sides.length < 2) return undefined;
  const sides = account.sides.map((side) => ({
    ...side,
    ranks: [...side.ranks, ...onTheWayTo(side, account)].toSorted((a, b) => a - b),
  }));
  const majority = sides.find(({ ranks }) => 2 * ranks.length > account.worldSize);
  return { majority, others: sides.filter((side) => side !== majority) };
}

/** Ranks that were seen nowhere, but whose journals say that they came to this barrier: no other side is called so. */
function onTheWayTo({ arrival }: Side, { sides, missing, hidden }: HangAccount): readonly number[] {
  if (sides.filter((side) => side.arrival.name === arrival.name).length > 1) return [];
  return [...missing, ...hidden].flatMap(({ rank, barriers }) => {
    const last = barriers.at(-1);
    return last !== undefined && last.sequence === arrival.sequence && last.name === arrival.name ? [rank] : [];
  });
}

/** The part of training that a barrier belongs to, from names like `spike/save@75:written`; undefined for other names. */
function stepOf({ name }: ArrivalRecord): { readonly scenario: string; readonly step: number } | undefined {
  const [, scenario = '', step] = /^(?:([^@]*)\/)?[^@]*@(\d{1,15})(?!\d)/.exec(name) ?? [];
  return step === undefined ? undefined : { scenario, step: Number(step) };
}

function isLater(side: Side, than: Side): boolean {
  const [mine, theirs] = [stepOf(side.arrival), stepOf(than.arrival)];
  return mine !== undefined && theirs !== undefined && mine.scenario === theirs.scenario && mine.step > theirs.step;
}

/** Whether those who are wrong have gone on to a later step; of two sides without a majority, one of them. */
function hasGoneOn({ majority, others }: Disagreement): boolean {
  if (majority !== undefined) return others.every((side) => isLater(side, majority));
  const [a, b, ...more] = others;
  return a !== undefined && b !== undefined && more.length === 0 && (isLater(a, b) || isLater(b, a));
}

function spellSide({ arrival, ranks }: Side, sides: readonly Side[]): string {
  const apart = givenApart(
    arrival,
    sides.map((side) => side.arrival),
  );
  const site = arrival.callSite === null ? '' : ` (${arrival.callSite})`;
  return `${formatRanks(ranks)} at ${JSON.stringify(arrival.name)}${apart === '' ? '' : ` with ${apart}`}${site}`;
}

/** How many sides are told of one by one. */
const TOLD_SIDES = 4;

/** Whether they disagree about something else than where they are. */
const isNamedAlike = (sides: readonly Side[]): boolean => sides.every(({ arrival }) => arrival.name === sides[0]?.arrival.name);

function disagreementEvidence(account: HangAccount, { majority, others }: Disagreement): readonly string[] {
  const sides = [...(majority === undefined ? [] : [majority]), ...others];
  return [
    ...sides.slice(0, TOLD_SIDES).map((side) => spellSide(side, sides)),
    ...(sides.length > TOLD_SIDES
      ? [`and ${sides.length - TOLD_SIDES} more side${sides.length - TOLD_SIDES === 1 ? '' : 's'}`]
      : []),
    ...(isNamedAlike(sides) ? ['the name is the same: the call sites or what the ranks were given differ'] : []),
    ...lastCommonBarrier(account, sides),
  ];
}

/** All who come to one barrier have passed the one before it. */
function lastCommonBarrier({ ranks }: HangAccount, sides: readonly Side[]): readonly string[] {
  const before = (sides[0]?.arrival.sequence ?? 0) - 1;
  if (before < 0) return ['last common barrier: none, this is the first'];
  const entry = ranks.flatMap(({ barriers }) => barriers).find(({ sequence }) => sequence === before);
  return [`last common barrier: ${entry === undefined ? `#${before}` : spellBarrier(entry)}`];
}

const wrongRanks = ({ others }: Disagreement): readonly number[] =>
  others.flatMap(({ ranks }) => ranks).toSorted((a, b) => a - b);

function conclude(account: HangAccount, disagreement: Disagreement, says: (who: string) => string): Conclusion {
  const ranks = wrongRanks(disagreement);
  const isTie = disagreement.majority === undefined;
  return {
    ranks,
    place: null,
    // Some of those that are named are innocent.
    confidence: isTie ? 'medium' : 'high',
    says: `${says(formatRanks(ranks))}${isTie ? ', and no majority says who is wrong' : ''}`,
    evidence: disagreementEvidence(account, disagreement),
    explains: account.ranks.map(({ rank }) => rank),
  };
}

const desync: HangRule = {
  class: 'desync',
  claim: 'Ranks came to different barriers, or to the same one with different arguments, as the number of steps.',
  needs: 'the arrivals with their fingerprints',
  hint: 'Let all ranks call the same barriers in the same order: compare the call sites, and look for branches on the rank.',
  examine: (account) => {
    const disagreement = disagreementOf(account);
    if (disagreement === undefined || hasGoneOn(disagreement)) return undefined;
    const { majority } = disagreement;
    const isOneBarrier = isNamedAlike(account.sides);
    return conclude(account, disagreement, (who) => {
      if (majority === undefined) return isOneBarrier ? `${who} were not given the same` : `${who} are at different barriers`;
      const most = formatRanks(majority.ranks);
      return isOneBarrier ? `${who} came with something else than ${most}` : `${who} came to another barrier than ${most}`;
    });
  },
  whyNot: ({ sides }) => {
    if (sides.length !== 1) return undefined;
    return `no desync: ${sides[0]?.ranks.length === 1 ? 'one arrival' : 'fingerprints equal'}`;
  },
};

const skipped: HangRule = {
  class: 'skipped-barrier',
  claim: 'The rank left out the barrier: it went on to a later step, or it does nothing that leads there.',
  needs: 'the arrivals and journals, or an idle event loop with nothing begun',
  hint: 'All ranks must hit barriers: check for early returns that skip barriers and exceptions that prevent barrier calls.',
  examine: (account) => goneOn(account) ?? journalAhead(account) ?? returnedEarly(account),
  whyNot: (_, suspects) => {
    const [first] = suspects;
    const doing = first === undefined ? undefined : doingsOf(first)?.at(-1);
    return suspects.length === 1 && doing !== undefined ? `not returned early: it is in ${doing.what}` : undefined;
  },
};

function goneOn(account: HangAccount): Conclusion | undefined {
  const disagreement = disagreementOf(account);
  if (disagreement === undefined || !hasGoneOn(disagreement)) return undefined;
  return conclude(account, disagreement, (who) =>
    disagreement.majority === undefined
      ? `${who} are at barriers of different steps: one side left out a barrier`
      : `${who} went on to a later step and left out the barrier`,
  );
}

/** Programs number barriers themselves, and so can be past one at which they have never been. */
function journalAhead({ barrier, suspects }: HangAccount): Conclusion | undefined {
  if (barrier === null) return undefined;
  const ahead = suspects.filter(({ barriers }) => barriers.some(({ sequence }) => sequence > barrier.sequence));
  if (ahead.length === 0) return undefined;
  return {
    ranks: numbersOf(ahead),
    place: null,
    confidence: 'high',
    says: `${spellSubject(numbersOf(ahead), 'is', 'are')} past the barrier without having been there`,
    evidence: eachOf(ahead, ({ rank, barriers }) => {
      const last = barriers.at(-1);
      return `rank ${rank} ${last?.outcome} ${last === undefined ? 'no barrier' : spellBarrier(last)}`;
    }),
  };
}

function returnedEarly({ barrier, suspects, poolSize, sides }: HangAccount): Conclusion | undefined {
  if (barrier === null || sides.length === 0) return undefined;
  const idle = suspects.filter((rank) => doesNothing(rank) && rank.lock === null && !isPoolExhausted(rank, poolSize));
  if (idle.length === 0) return undefined;
  const last = idle.length === 1 ? idle[0]?.barriers.at(-1) : undefined;
  return {
    ranks: numbersOf(idle),
    place: null,
    confidence: idle.every((rank) => progressOf(rank) !== undefined) ? 'high' : 'medium',
    says: `${spellSubject(numbersOf(idle), 'lives, but does', 'live, but do')} nothing that leads to the barrier: returned early`,
    evidence: [
      ...eachOf(idle, (rank) => {
        const progress = progressOf(rank)?.says ?? 'progress not seen';
        return `rank ${rank.rank}: its event loop answers, and it says that it is in nothing; ${progress}`;
      }),
      ...(last === undefined ? [] : [`its last barrier: ${spellBarrier(last)} ${last.outcome} ${spellMs(last.agoMs)} ago`]),
    ],
  };
}

const doesNothing = (rank: RankEvidence): boolean => doingsOf(rank)?.length === 0 && progressOf(rank)?.moved !== true;

/** Ranks at another barrier, or past it. */
export const BARRIER_ORDER: readonly HangRule[] = [desync, skipped];

import type { RankEvidence, StuckBarrier } from '../../contracts/diagnosis.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import { eachOf, spellBarrier, spellMs, spellRanks, spellSubject } from './clauses.ts';
import { type HangAccount, numbersOf } from './hang-account.ts';
import type { Conclusion, HangRule } from './hang-rule.ts';
import { doingsOf } from './loop-evidence.ts';
import { isPoolExhausted, progressOf } from './process-evidence.ts';

/** Whoever waits looks at least this often, so what is older must have been seen; milliseconds. */
const LONGEST_LOOK_MS = 1000;

/** Between a barrier's being given up and the report; milliseconds. */
const LONGEST_REPORT_MS = 2000;

/** Clocks that differ by more than this are wrong; milliseconds. */
const WRONG_CLOCK_MS = 1000;

/** How long after the others gave up a rank arrived, negative for before; undefined when it is not known. Milliseconds. */
export function lateBy(account: HangAccount, rank: RankEvidence): number | undefined {
  const { barrier } = account;
  const cameMs = barrier === null ? undefined : arrivedAgo(barrier, rank);
  // Times of ranks with wrong clocks cannot be compared.
  if (barrier === null || cameMs === undefined || Math.abs(rank.clockSkewMs ?? 0) > WRONG_CLOCK_MS) return undefined;
  return givenUpAgo(account, barrier) - cameMs;
}

function arrivedAgo({ sequence }: StuckBarrier, rank: RankEvidence): number | undefined {
  const journalled = rank.barriers.find((entry) => entry.sequence === sequence && entry.outcome === 'arrived')?.agoMs;
  return journalled ?? doingsOf(rank)?.find(({ what }) => what.startsWith(`barrier #${sequence} `))?.forMs;
}

function givenUpAgo({ ranks }: HangAccount, { sequence, why }: StuckBarrier): number {
  if (why === 'waiting') return 0;
  const timed = ranks.filter(({ clockSkewMs }) => Math.abs(clockSkewMs ?? 0) <= WRONG_CLOCK_MS);
  const times = timed.flatMap(({ barriers }) =>
    barriers.flatMap((entry) => (entry.sequence === sequence && entry.outcome === 'aborted' ? [entry.agoMs] : [])),
  );
  return times.length === 0 ? LONGEST_REPORT_MS : Math.max(...times);
}

const staleView: HangRule = {
  class: 'stale-view',
  claim: 'Ranks see different files: one does not see what another has written.',
  needs: 'the arrivals that the launcher sees and those that the waiting ranks saw, with their times',
  hint: 'Put the output directory on a file system that all ranks share and that does not serve old listings.',
  examine: (account) => unseenArrivals(account) ?? unseenDecision(account),
  whyNot: ({ barrier, hidden }) =>
    barrier === null || hidden.length > 0 ? undefined : 'no stale view: the launcher sees the same',
};

/** The fewer are wrong: those who are not seen, or those who do not see. */
function unseenArrivals(account: HangAccount): Conclusion | undefined {
  const { sides, hidden, barrier } = account;
  const unseen = hidden.filter((rank) => (lateBy(account, rank) ?? 0) < -LONGEST_LOOK_MS);
  if (barrier === null || sides.length !== 1 || unseen.length === 0) return undefined;
  const waiting = sides.flatMap(({ ranks }) => ranks);
  const hiddenRanks = numbersOf(unseen);
  const [few, many] = waiting.length < hiddenRanks.length ? [waiting, hiddenRanks] : [hiddenRanks, waiting];
  const isTie = few.length === many.length;
  const [those, they] = [formatRanks(waiting), formatRanks(hiddenRanks)];
  const arrival =
    hiddenRanks.length === 1 ? `the arrival of ${they} is there but was` : `the arrivals of ${they} are there but were`;
  return {
    ranks: isTie ? [...few, ...many].toSorted((a, b) => a - b) : few,
    place: null,
    confidence: isTie ? 'medium' : 'high',
    says: `${those} and ${they} do not see the same files: ${arrival} not seen`,
    evidence: eachOf(unseen, (rank) => {
      const early = spellMs(-(lateBy(account, rank) ?? 0));
      return `rank ${rank.rank} arrived ${early} before the end of the wait, and the launcher sees it`;
    }),
    explains: hiddenRanks,
  };
}

/** A rank that still waits at a barrier that opened for all the others long ago. */
function unseenDecision({ barrier, suspects, sides }: HangAccount): Conclusion | undefined {
  if (barrier === null || sides.length === 0 || !(barrier.waitedMs > LONGEST_LOOK_MS)) return undefined;
  const blind = suspects.filter((rank) => waitsBefore(barrier, rank));
  const last = blind[0]?.barriers.at(-1);
  if (last === undefined) return undefined;
  return {
    ranks: numbersOf(blind),
    place: null,
    confidence: 'high',
    says: `${spellSubject(numbersOf(blind), 'does', 'do')} not see that ${spellBarrier(last)} has opened`,
    evidence: eachOf(blind, (rank) => {
      const before = rank.barriers.at(-1);
      const since = spellMs(before?.agoMs ?? 0);
      return `rank ${rank.rank} has waited at barrier #${before?.sequence} for ${since}, and the others have passed it`;
    }),
  };
}

function waitsBefore({ sequence }: StuckBarrier, rank: RankEvidence): boolean {
  const last = rank.barriers.at(-1);
  const isWaiting = last !== undefined && last.outcome === 'arrived' && last.sequence < sequence;
  const atBarrier = doingsOf(rank)?.some(({ what }) => what.startsWith(`barrier #${last?.sequence} `)) ?? false;
  return isWaiting && atBarrier && rank.lock === null && last.agoMs > LONGEST_LOOK_MS;
}

/** The ranks whose clocks differ from those of most, the launcher's among them; all of them if there is no such most. */
function wrongClocks({ ranks, worldSize }: HangAccount): readonly RankEvidence[] {
  const timed = ranks.filter(({ clockSkewMs }) => clockSkewMs !== null);
  const readings = timed.map(({ clockSkewMs }) => clockSkewMs ?? 0);
  if (!(Math.max(...readings) - Math.min(...readings) > WRONG_CLOCK_MS)) return [];
  const agreeWith = (reading: number): readonly number[] =>
    [...readings, 0].filter((other) => Math.abs(other - reading) <= WRONG_CLOCK_MS);
  const right = [0, ...readings].find((reading) => 2 * agreeWith(reading).length > worldSize + 1);
  return right === undefined ? timed : timed.filter(({ clockSkewMs }) => Math.abs((clockSkewMs ?? 0) - right) > WRONG_CLOCK_MS);
}

/** A wrong clock alone keeps nobody from a barrier, so nothing else may be the matter with the rank. */
const hasOtherReason = (rank: RankEvidence, poolSize: number): boolean =>
  rank.lock !== null ||
  ('kind' in rank.loop && rank.loop.kind !== 'idle') ||
  isPoolExhausted(rank, poolSize) ||
  progressOf(rank)?.moved === true;

/** Ranks by whose clocks the time was over when it was not. The others were on their way, and are not to blame. */
function gaveUpEarly(account: HangAccount): Conclusion | undefined {
  const { barrier, arrived, suspects, hidden } = account;
  if (barrier === null || barrier.why !== 'timeout') return undefined;
  if (!(barrier.waitedMs < barrier.timeoutMs - Math.min(WRONG_CLOCK_MS, barrier.timeoutMs / 2))) return undefined;
  const hasty = wrongClocks(account).filter(({ rank }) => arrived.has(rank));
  if (hasty.length === 0) return undefined;
  return {
    ranks: numbersOf(hasty),
    place: null,
    confidence: 'high',
    says: `${spellRanks(hasty)} gave the barrier up too early: ${clocksOf(hasty)} wrong`,
    evidence: [
      `the barrier was given up after ${spellMs(barrier.waitedMs)}, and its time-out is ${spellMs(barrier.timeoutMs)}`,
      ...wrongBy(hasty),
    ],
    explains: numbersOf([...suspects, ...hidden]),
  };
}

const clocksOf = (ranks: readonly RankEvidence[]): string =>
  ranks.length === 1 ? `the clock of ${spellRanks(ranks)} is` : `the clocks of ${spellRanks(ranks)} are`;

const wrongBy = (ranks: readonly RankEvidence[]): readonly string[] =>
  eachOf(ranks, ({ rank, clockSkewMs }) => {
    const skew = clockSkewMs ?? 0;
    return `the clock of rank ${rank} is ${spellMs(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} the launcher's`;
  });

const clockSkew: HangRule = {
  class: 'clock-skew',
  claim: "A rank's clock is wrong by more than a second: it gave up too early, or it is away and nothing else keeps it.",
  needs: "the wall clocks of the ranks' files against the launcher's",
  hint: 'Set the clocks of all hosts by the same source (chrony, NTP), and let no code compare the clocks of two hosts.',
  examine: (account) => {
    const early = gaveUpEarly(account);
    if (early !== undefined) return early;
    const { suspects, poolSize } = account;
    const wrong = wrongClocks(account);
    const late = suspects.filter((rank) => wrong.includes(rank));
    if (late.length === 0 || late.length < suspects.length || late.some((rank) => hasOtherReason(rank, poolSize)))
      return undefined;
    return {
      ranks: numbersOf(late),
      place: null,
      confidence: late.every((rank) => doingsOf(rank) !== undefined) ? 'medium' : 'low',
      says: `${clocksOf(late)} wrong, and nothing else is found to keep ${late.length === 1 ? 'it' : 'them'} away`,
      evidence: wrongBy(late),
    };
  },
  whyNot: (account) => {
    const readings = account.ranks.flatMap(({ clockSkewMs }) => clockSkewMs ?? []);
    if (readings.length < 2) return 'clocks not seen: fewer than two ranks say what time they have';
    const spread = Math.max(...readings) - Math.min(...readings);
    return spread > WRONG_CLOCK_MS ? undefined : `no clock skew: at most ${spellMs(spread)}`;
  },
};

/** Ranks that do not see the same files or the same time. */
export const SHARED_VIEW: readonly HangRule[] = [staleView, clockSkew];

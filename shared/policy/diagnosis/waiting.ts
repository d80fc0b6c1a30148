import { type Doing, isSeen, type RankEvidence } from '../../contracts/diagnosis.ts';
import { commonPlace, eachOf, missingSource, spellDoing, spellMs, spellRanks, spellSubject } from './clauses.ts';
import { leastSure } from './confidence.ts';
import { type HangAccount, numbersOf } from './hang-account.ts';
import type { Conclusion, HangRule } from './hang-rule.ts';
import { doingsOf, placeOf } from './loop-evidence.ts';
import { besideChildren, cpuPercent, isBusy, isPoolExhausted, lastSample, progressOf } from './process-evidence.ts';
import { lateBy } from './shared-view.ts';

/** What an idle rank waits for that is no barrier: at a barrier it would have arrived. */
function awaitOf(rank: RankEvidence): Doing | undefined {
  const doings = doingsOf(rank);
  const atBarrier = doings?.some(({ what }) => what.startsWith('barrier #'));
  return doings === undefined || atBarrier === true || progressOf(rank)?.moved === true ? undefined : doings.at(-1);
}

const stuckAwait: HangRule = {
  class: 'stuck-await',
  claim: 'The rank awaits something that does not come.',
  needs: 'an idle event loop, no progress, and what the rank says it is in',
  hint: 'Give what it awaits a time limit, and look for a promise that nobody settles.',
  examine: ({ suspects }) => {
    const waiting = suspects.filter((rank) => awaitOf(rank) !== undefined);
    if (waiting.length === 0) return undefined;
    const doing = waiting.length === 1 && waiting[0] !== undefined ? awaitOf(waiting[0]) : undefined;
    return {
      ranks: numbersOf(waiting),
      place: commonPlace(waiting.map(placeOf)),
      confidence: leastSure(
        // Its event loop has answered: a beat before that says nothing more of it.
        // Who works may come to an end, and who is idle beside a rank that may get on may wait for that one.
        ...waiting.map((rank) => (isSurelyStuck(rank) ? 'high' : 'medium')),
        suspects.some((rank) => (waiting.length > 1 || !waiting.includes(rank)) && progressOf(rank)?.moved !== false)
          ? 'low'
          : 'high',
      ),
      says: `${spellSubject(numbersOf(waiting), 'lives', 'live')}${waiting.some(isBusy) ? '' : waiting.length === 1 ? ' and is idle' : ' and are idle'}, but ${waiting.length === 1 ? 'awaits' : 'await'} something that does not come${doing === undefined ? '' : `, in ${doing.what}`}`,
      evidence: eachOf(waiting, (rank) => {
        const inner = awaitOf(rank);
        return `rank ${rank.rank}: ${inner === undefined ? 'idle' : `in ${spellDoing(inner)}`}; ${progressOf(rank)?.says ?? 'progress not seen'}${cpuSays(rank)}${besideChildren(rank)}`;
      }),
    };
  },
  whyNot: () => undefined,
};

const isSurelyStuck = (rank: RankEvidence): boolean =>
  progressOf(rank) !== undefined && lastSample(rank)?.isWhole === true && !isBusy(rank);

function cpuSays(rank: RankEvidence): string {
  const cpu = cpuPercent(rank);
  return cpu === undefined ? '' : `, ${cpu} % CPU`;
}

const straggler: HangRule = {
  class: 'straggler',
  claim: 'The rank is late, but it gets on.',
  needs:
    'a journal that grows, or bytes that move, until the others gave up or between two looks; or its arrival after the time-out',
  hint: 'Give the barrier more time (--barrier-timeout), or give this rank less work.',
  examine: (account) => tooLate(account) ?? progressing(account),
  whyNot: (_, suspects) => {
    const unseen = missingSource('progress', suspects, ({ processes }) => processes);
    if (unseen !== undefined) return unseen;
    const [first] = suspects;
    const progress = first === undefined ? undefined : progressOf(first);
    if (progress === undefined || suspects.some((rank) => progressOf(rank)?.moved !== false)) return undefined;
    return `no straggler: ${suspects.length === 1 ? progress.says : `nothing moved on ${spellRanks(suspects)}`}`;
  },
};

/** Ranks that came when the others had given up, and nobody else is missing. */
function tooLate(account: HangAccount): Conclusion | undefined {
  const { hidden, suspects, sides } = account;
  const late = hidden.filter((rank) => (lateBy(account, rank) ?? -Infinity) >= 0);
  if (late.length === 0 || late.length < hidden.length || suspects.length > 0 || sides.length > 1) return undefined;
  return {
    ranks: numbersOf(late),
    place: null,
    confidence: 'high',
    says: `${spellSubject(numbersOf(late), 'was', 'were')} late: the others had given up`,
    evidence: eachOf(
      late,
      (rank) => `rank ${rank.rank} arrived ${spellMs(lateBy(account, rank) ?? 0)} after the end of the wait`,
    ),
  };
}

function progressing({ barrier, suspects, sides, poolSize }: HangAccount): Conclusion | undefined {
  if (barrier === null || sides.length === 0) return undefined;
  const moving = suspects.filter((rank) => progressOf(rank)?.moved === true && !isPoolExhausted(rank, poolSize));
  if (moving.length === 0) return undefined;
  return {
    ranks: numbersOf(moving),
    // Who gets on stays nowhere: `states` says where it is now.
    place: null,
    // An idle loop could say that the rank waits at an earlier barrier, whose opening it does not see.
    confidence: moving.every((rank) => isSeen(rank.loop) && progressOf(rank)?.isNow === true) ? 'high' : 'medium',
    says: `${spellSubject(numbersOf(moving), 'is', 'are')} late but ${moving.length === 1 ? 'gets' : 'get'} on`,
    evidence: eachOf(moving, (rank) => {
      return `rank ${rank.rank}: ${progressOf(rank)?.says}${cpuSays(rank)}${besideChildren(rank)}`;
    }),
  };
}

/** Ranks that live and turn their event loop, and are late. */
export const WAITING: readonly HangRule[] = [stuckAwait, straggler];

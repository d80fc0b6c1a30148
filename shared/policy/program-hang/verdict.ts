import { isSeen } from '../../contracts/diagnosis.ts';
import type { ProgramHang, ProgramPlace, ProgramRankLook, ProgramVerdict } from '../../contracts/program-hang.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import { classesOf, doingOf, type RankDoing } from './rank-doing.ts';

interface Judged {
  readonly look: ProgramRankLook;
  readonly doing: RankDoing;
}

/** Says of a program in which nothing moves who keeps it, or that there is no telling. `looks` in rank order. Pure. */
export function diagnoseProgram(looks: readonly ProgramRankLook[], quietMs: number): ProgramHang {
  const judged = looks.map((look) => ({ look, doing: doingOf(look) }));
  return { quietMs, verdict: verdictOn(judged), classes: classesOf(looks), notSeen: missingOf(looks) };
}

function verdictOn(ranks: readonly Judged[]): ProgramVerdict {
  const of = (kind: RankDoing['kind']): readonly Judged[] => ranks.filter(({ doing }) => doing.kind === kind);
  const waiting = ranks.filter(({ doing }) => doing.isCollective);
  const ended = of('ended');
  // Where nobody is seen to wait for others, the one that ended may have had nothing left to do.
  if (ended.length > 0 && waiting.length > 0) return endedEarly(ended, waiting);
  const stopped = of('stopped');
  if (stopped.length > 0) return stoppedRanks(stopped);
  const away = ranks.filter(({ doing }) => !doing.isCollective && doing.kind !== 'ended');
  if (waiting.length > 0 && away.length > 0) return elsewhere(away, waiting);
  const polling = of('native-sleep');
  if (waiting.length === 0 && polling.length > 0) return besidePolling(of('stack'), polling, ranks);
  return waiting.length === ranks.length && ranks.length > 1 ? disagreement(ranks) : NO_TELLING;
}

function endedEarly(ended: readonly Judged[], waiting: readonly Judged[]): ProgramVerdict {
  return {
    class: 'ended-early',
    ranks: numbersOf(ended),
    place: null,
    confidence: 'high',
    says: `${spell(ended)} ${ended[0]?.doing.says ?? 'ended'}, while ${spell(waiting)} ${are(waiting)} in ${collectivesOf(waiting)}`,
    hint: 'Look for an early return, or a condition that only some ranks meet: every rank must call every collective.',
  };
}

function stoppedRanks(stopped: readonly Judged[]): ProgramVerdict {
  return {
    class: 'stopped',
    ranks: numbersOf(stopped),
    place: commonPlace(stopped),
    confidence: 'high',
    says: `${spell(stopped)} ${are(stopped)} stopped by a signal or a debugger`,
    hint: 'Send SIGCONT, and look for who sent SIGSTOP.',
  };
}

/** Who is not where the others wait for all. */
function elsewhere(away: readonly Judged[], waiting: readonly Judged[]): ProgramVerdict {
  const unseen = away.filter(isUnseen);
  // Of what nobody saw, it cannot be said that it is no collective.
  if (unseen.length > 0 && unseen.length === away.length) return NO_TELLING;
  const culprits = away.filter((each) => !isUnseen(each));
  const isKernel = culprits.every(({ doing, look }) => doing.kind === 'kernel' || stateOf(look) === 'D');
  const isFew = culprits.length < waiting.length || waiting.length + away.length === 2;
  const isSure = unseen.length === 0 && isFew && culprits.every(({ look }) => look.stacks.every(isSeen));
  return {
    class: isKernel ? 'in-kernel' : 'elsewhere',
    ranks: numbersOf(culprits),
    place: commonPlace(culprits),
    confidence: isSure ? 'high' : isFew ? 'medium' : 'low',
    says: `${spell(culprits)} ${are(culprits)} not in ${collectivesOf(waiting)}, where ${spell(waiting)} ${waiting.length === 1 ? 'waits' : 'wait'}: ${culprits[0]?.doing.says ?? ''}`,
    hint: isKernel
      ? 'Look at the path that it waits for, and at the file system or the process behind it.'
      : 'Look at the named line: what it waits for, or computes, does not come to an end.',
  };
}

const isUnseen = ({ doing: { kind } }: Judged): boolean => kind === 'unseen' || kind === 'native-sleep';

/** Nobody says where the others are, but they sleep for a moment again and again, as who waits for a store that is not there. */
function besidePolling(seen: readonly Judged[], polling: readonly Judged[], all: readonly Judged[]): ProgramVerdict {
  const isTold = seen.length > 0 && seen.length + polling.length === all.length;
  if (!isTold || (seen.length >= polling.length && all.length > 2)) return NO_TELLING;
  return {
    class: 'elsewhere',
    ranks: numbersOf(seen),
    place: commonPlace(seen),
    confidence: 'low',
    says: `${spell(seen)} ${are(seen)} in the user's own code, and ${spell(polling)} ${polling.length === 1 ? 'sleeps' : 'sleep'} in native code, as who waits for others: ${seen[0]?.doing.says ?? ''}`,
    hint: 'Look at the named line; install py-spy to see where the others are.',
  };
}

const stateOf = ({ moment }: ProgramRankLook): string => (isSeen(moment) ? moment.state : '?');

/** All wait, but not all for the same. */
function disagreement(ranks: readonly Judged[]): ProgramVerdict {
  const sides = new Map<string, Judged[]>();
  for (const each of ranks) sides.set(each.doing.says, [...(sides.get(each.doing.says) ?? []), each]);
  const [most, ...others] = [...sides.values()].sort((a, b) => b.length - a.length);
  if (most === undefined || others.length === 0) return SAME_PLACE;
  const isRight = most.length > ranks.length / 2;
  const culprits = isRight ? others.flat() : ranks;
  const isNamedAlike = new Set(ranks.map(({ doing }) => doing.collective)).size === 1;
  return {
    class: 'disagreement',
    ranks: numbersOf(culprits).toSorted((a, b) => a - b),
    place: commonPlace(culprits),
    confidence: isRight && !isNamedAlike ? 'high' : 'medium',
    says: [most, ...others].map((side) => `${spell(side)} ${are(side)} in ${side[0]?.doing.says ?? ''}`).join(', but '),
    hint: 'Have all ranks call the same collectives in the same order: look for a condition that only some ranks meet.',
  };
}

const NO_TELLING: ProgramVerdict = {
  class: 'unknown',
  says: 'nothing moves, and what is seen does not say who keeps the others',
  hint: 'Compare the classes of ranks, and read what each wrote last.',
};

const SAME_PLACE: ProgramVerdict = {
  class: 'unknown',
  says: 'all ranks are in the same collective, and it does not end',
  hint: 'Compare what the ranks gave to it (shapes, types, groups), and look at the network between them.',
};

const numbersOf = (ranks: readonly Judged[]): readonly number[] => ranks.map(({ look }) => look.rank);
const spell = (ranks: readonly Judged[]): string => formatRanks(numbersOf(ranks));
const are = ({ length }: readonly Judged[]): string => (length === 1 ? 'is' : 'are');
const collectivesOf = (ranks: readonly Judged[]): string =>
  [
    ...new Set(
      ranks.flatMap(({ doing }) =>
        doing.collective === null
          ? []
          : [doing.kind === 'barrier' ? `barrier ${JSON.stringify(doing.collective)}` : doing.collective],
      ),
    ),
  ].join(' or ');

function commonPlace(ranks: readonly Judged[]): ProgramPlace | null {
  const [first, ...others] = ranks.map(({ doing: { place } }) => place);
  if (first === undefined || first === null) return null;
  return others.every((each) => each?.file === first.file && each.line === first.line) ? first : null;
}

/** The same reason is said once, of all ranks. */
function missingOf(looks: readonly ProgramRankLook[]): readonly string[] {
  const reasons = new Map<string, number[]>();
  for (const { rank, end, stacks } of looks) {
    const [first, last] = stacks;
    const why = end === null && !isSeen(last) ? last.notSeen : end === null && !isSeen(first) ? first.notSeen : undefined;
    if (why !== undefined) reasons.set(why, [...(reasons.get(why) ?? []), rank]);
  }
  return [...reasons].map(([why, ranks]) => `stacks of ${formatRanks(ranks)}: ${why}`);
}

import type { BarrierKey } from '../../contracts/barrier.ts';
import { type CodePlace, type Doing, isSeen, type NotSeen, type RankEvidence } from '../../contracts/diagnosis.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import { numbersOf } from './hang-account.ts';

/** Spells a duration: `250 ms`, `1.5 s`, `34 s`. */
export function spellMs(ms: number): string {
  if (Math.abs(ms) < 1000) return `${Math.round(ms)} ms`;
  return `${Math.abs(ms) < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`;
}

/** Spells a place: `validate at src/hooks/validate.ts:41:9`, `src/hooks.ts, line not known`. */
export const spellPlace = ({ functionName, file, line, column }: CodePlace): string =>
  `${functionName === null ? '' : `${functionName} at `}${file}${line === null ? ', line not known' : `:${line}:${column}`}`;

/** The place if it adds anything to words that may name its file already. */
export const addedTo = (words: string, place: CodePlace | null): CodePlace | null =>
  place !== null && place.line === null && words.includes(place.file) ? null : place;

/** A place behind what is said; nothing for no place. */
export const atPlace = (place: CodePlace | null): string => (place === null ? '' : ` (${spellPlace(place)})`);

/** Spells a barrier: `barrier #7 "save:commit"`. Names come from programs, so they are quoted. */
export const spellBarrier = ({ sequence, name }: BarrierKey): string => `barrier #${sequence} ${JSON.stringify(name)}`;

/** `rank 1`, `ranks 0-5,7`. */
export const spellRanks = (ranks: readonly RankEvidence[]): string => formatRanks(numbersOf(ranks));

/** One or several, with the verb that fits: `rank 1 is`, `ranks 1,2 are`. */
export const spellSubject = (ranks: readonly number[], one: string, many: string): string =>
  `${formatRanks(ranks)} ${ranks.length === 1 ? one : many}`;

const OF_MANY: Readonly<Record<string, string>> = {
  ...{ is: 'are', was: 'were', has: 'have', does: 'do' },
  ...{ waits: 'wait', runs: 'run', lives: 'live' },
};

/** What is said of one rank, said of so many: "waits at the barrier" is "wait at the barrier" of two. */
export const saidOf = (count: number, says: string): string =>
  count === 1
    ? says
    : says.replace(/^\w+/, (verb) => OF_MANY[verb] ?? verb).replace(/^(reached|have left nothing in) its /, '$1 their ');

/** What a rank says it does, and for how long. */
export const spellDoing = ({ what, forMs, place }: Doing): string =>
  `${what} for ${spellMs(forMs)}${atPlace(addedTo(what, place))}`;

/** Why a rank ended that had not come to its end, in its own words. */
export function spellLeaving({ why, doing, file }: EntryOf<'rank:left'>): string {
  const source = file === null || doing?.includes(file) === true ? '' : ` (${file})`;
  const where = doing === null ? '' : ` in ${doing}${source}`;
  switch (why) {
    case 'exit-called':
      return `process.exit was called${where}`;
    case 'nothing-left':
      return `nothing was left that could settle what it awaits${where}`;
  }
}

/** How many ranks are told of one by one. */
const TOLD = 3;

/** A clause for each of the first ranks, and how many more there are. */
export function eachOf(ranks: readonly RankEvidence[], clause: (rank: RankEvidence) => string): readonly string[] {
  const clauses = ranks.slice(0, TOLD).map(clause);
  return ranks.length > TOLD ? [...clauses, `and likewise ${spellRanks(ranks.slice(TOLD))}`] : clauses;
}

/** That a source was not to be had of some of the ranks whose process lives, and why; undefined when it was. */
export function missingSource<T extends object>(
  what: string,
  ranks: readonly RankEvidence[],
  source: (rank: RankEvidence) => T | NotSeen,
): string | undefined {
  const unseen = ranks.filter((rank) => rank.pid !== null && rank.end === null && !isSeen(source(rank)));
  const first = unseen[0] === undefined ? undefined : source(unseen[0]);
  if (first === undefined || isSeen(first)) return undefined;
  // Of each, for the reason is that of one.
  return `${what} of ${unseen.length === 1 ? '' : 'each of '}${spellRanks(unseen)} not seen (${first.notSeen})`;
}

/** The place of all, if it is the same. */
export function commonPlace(places: readonly (CodePlace | null)[]): CodePlace | null {
  const [first = null, ...rest] = places;
  if (first === null) return null;
  return rest.every((place) => place !== null && spellPlace(place) === spellPlace(first)) ? first : null;
}

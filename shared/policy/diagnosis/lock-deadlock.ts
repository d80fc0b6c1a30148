import type { RankEvidence } from '../../contracts/diagnosis.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import { leastSure } from './confidence.ts';
import type { HangAccount } from './hang-account.ts';
import type { Conclusion, HangRule } from './hang-rule.ts';

/** Why a lock will not come free: who is to blame, and how that is said. */
interface Blocked {
  /** The ranks of the cycle, or the one that waits for somebody who is gone. */
  readonly ranks: readonly number[];
  readonly says: string;
  readonly isCertain: boolean;
}

/** Follows the locks from one waiting rank to what never lets go; undefined when that is a rank that may let go. */
function blockedBy(account: HangAccount, start: RankEvidence): Blocked | undefined {
  const path: RankEvidence[] = [];
  for (let rank: RankEvidence | undefined = start; rank !== undefined; ) {
    const visited = path.indexOf(rank);
    if (visited >= 0) return cycle(path.slice(visited));
    path.push(rank);
    if (account.arrived.has(rank.rank)) return cycle(path, ' -> the barrier -> ');
    const { lock }: RankEvidence = rank;
    if (lock === null) return undefined;
    const holder = holderOf(account, lock.holder);
    if (holder === undefined || holder.end !== null || lock.holderIsAlive === false) return outsider(rank, lock, holder);
    rank = holder;
  }
  return undefined;
}

/** The rank of this run that a holder is, if it is spelled as one. */
const holderOf = ({ ranks }: HangAccount, holder: string): RankEvidence | undefined => {
  const number = /^rank (\d+)$/.exec(holder)?.[1];
  return number === undefined ? undefined : ranks.find(({ rank }) => rank === Number(number));
};

function outsider(waiting: RankEvidence, lock: NonNullable<RankEvidence['lock']>, holder: RankEvidence | undefined): Blocked {
  const isDead = lock.holderIsAlive === false || (holder !== undefined && holder.end !== null);
  const who = isDead ? `${lock.holder}, which is dead` : `${lock.holder}, which is no rank of this run`;
  return { ranks: [waiting.rank], says: `rank ${waiting.rank} waits for ${lock.path}, held by ${who}`, isCertain: isDead };
}

/** The cycle from its lowest rank on, so that it is told alike from wherever it was found. */
function cycle(path: readonly RankEvidence[], close = ' -> '): Blocked {
  const numbers = path.map(({ rank }) => rank);
  const lowest = close === ' -> ' ? numbers.indexOf(Math.min(...numbers)) : 0;
  const turned = [...path.slice(lowest), ...path.slice(0, lowest)];
  const steps = turned.map(({ rank, lock }) =>
    lock === null || hasNoNext(turned, rank, close) ? `rank ${rank}` : `rank ${rank} -> ${lock.path}`,
  );
  const chain = `${steps.slice(0, 6).join(' -> ')}${steps.length > 6 ? ' -> …' : ''}${close}rank ${turned[0]?.rank}`;
  const who = numbers.length === 1 ? `rank ${numbers[0]} waits for itself` : `${formatRanks(numbers)} wait for each other`;
  return {
    ranks: numbers.toSorted((a, b) => a - b),
    says: `${who}: ${chain}`,
    isCertain: true,
  };
}

/** The last of a chain that ends at the barrier waits there, and for no lock. */
const hasNoNext = (path: readonly RankEvidence[], rank: number, close: string): boolean =>
  close !== ' -> ' && path.at(-1)?.rank === rank;

function conclude(account: HangAccount): Conclusion | undefined {
  const waiting = account.suspects.filter(({ lock }) => lock !== null);
  const found = waiting.flatMap((rank) => blockedBy(account, rank) ?? []);
  const says = [...new Set(found.map((blocked) => blocked.says))];
  if (says[0] === undefined) return undefined;
  const places = new Set(found.flatMap(({ ranks }) => ranks));
  return {
    ranks: [...places].toSorted((a, b) => a - b),
    place: null,
    confidence: leastSure(...found.map(({ isCertain }) => (isCertain ? 'high' : 'medium'))),
    says: says.length === 1 ? says[0] : `${formatRanks([...places])} wait for locks that do not come free`,
    evidence: says.slice(0, 3),
    explains: waiting.filter((rank) => blockedBy(account, rank) !== undefined).map(({ rank }) => rank),
  };
}

const lockDeadlock: HangRule = {
  class: 'lock-deadlock',
  claim: 'The rank waits for a lock whose holder is dead, of another run, or itself waits for the rank.',
  needs: 'the lock for which the rank says it waits, and its holder',
  hint: 'Remove the lock of a dead holder, end the other run, or take locks in one order and let them go before a barrier.',
  examine: conclude,
  whyNot: (_, suspects) => (suspects.length > 0 && suspects.every(({ lock }) => lock === null) ? 'no lock named' : undefined),
};

/** Ranks that wait for a lock. */
export const LOCK_DEADLOCK: readonly HangRule[] = [lockDeadlock];

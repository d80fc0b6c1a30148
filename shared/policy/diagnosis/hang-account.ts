import type { ArrivalRecord } from '../../contracts/barrier.ts';
import type { HangEvidence, RankEvidence, StuckBarrier } from '../../contracts/diagnosis.ts';

/** Ranks that have come to the same barrier, from the same place, with the same arguments. */
export interface Side {
  readonly arrival: ArrivalRecord;
  /** Ascending. */
  readonly ranks: readonly number[];
}

/** The evidence, and what most rules ask of it, worked out once for them all. */
export interface HangAccount extends HangEvidence {
  /** Ranks that have arrived for the others. */
  readonly arrived: ReadonlySet<number>;
  /** Arrivals that agree; one side on a healthy run, ordered by their lowest rank. */
  readonly sides: readonly Side[];
  /** Ranks that arrived though the waiting ranks did not see it. */
  readonly hidden: readonly RankEvidence[];
  /** Ranks that have not arrived for anybody. */
  readonly missing: readonly RankEvidence[];
  /** The missing ranks for which the others wait; none where ranks disagree, for then nobody else's coming helps. */
  readonly suspects: readonly RankEvidence[];
}

/** Works it out. */
export function accountOf(evidence: HangEvidence): HangAccount {
  const { barrier, ranks } = evidence;
  const sides = sidesOf(barrier?.arrivals ?? []);
  const arrived = new Set(sides.flatMap((side) => side.ranks));
  const seen = new Set(barrier?.seenByLauncher ?? []);
  const away = ranks.filter(({ rank }) => !arrived.has(rank));
  const hasCome = (rank: RankEvidence): boolean => seen.has(rank.rank) || cameSince(barrier, rank);
  const missing = away.filter((rank) => !hasCome(rank));
  const hidden = away.filter(hasCome);
  const isDisputed = sides.length > 1 || barrier?.why === 'mismatch';
  return { ...evidence, arrived, sides, hidden, missing, suspects: isDisputed ? [] : missing };
}

/** Who has obeyed a barrier that was given up had come to it, if only after the launcher looked at who was there. */
const cameSince = (barrier: StuckBarrier | null, { barriers }: RankEvidence): boolean =>
  barrier?.why === 'timeout' && barriers.some(({ sequence, outcome }) => sequence === barrier.sequence && outcome === 'aborted');

function sidesOf(arrivals: readonly ArrivalRecord[]): readonly Side[] {
  const sides = new Map<string, ArrivalRecord[]>();
  for (const arrival of arrivals.toSorted((a, b) => a.rank - b.rank)) {
    const key = JSON.stringify([arrival.sequence, arrival.name, arrival.fingerprint]);
    sides.set(key, [...(sides.get(key) ?? []), arrival]);
  }
  return [...sides.values()].flatMap(([arrival, ...more]) =>
    arrival === undefined ? [] : [{ arrival, ranks: [arrival, ...more].map(({ rank }) => rank) }],
  );
}

/** The numbers of ranks, ascending. */
export const numbersOf = (ranks: readonly RankEvidence[]): readonly number[] =>
  ranks.map(({ rank }) => rank).toSorted((a, b) => a - b);

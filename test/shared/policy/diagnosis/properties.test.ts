import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HangClass, HangEvidence, HangVerdict } from '../../../../shared/contracts/diagnosis.ts';
import { diagnose } from '../../../../shared/policy/diagnosis/index.ts';
import '../../../property-seed.ts';
import { anyEvidence, denials, troubledHang, without } from './any-hang.ts';

const RUNS = { numRuns: 1000 };

/** Classes of ranks that have not come; the others are of what ranks see, of locks, and of ranks that came elsewhere. */
const OF_THE_MISSING: readonly (HangClass | 'unknown')[] = [
  'never-started',
  'died',
  'killed-oom',
  'exited-early',
  'exception-before-barrier',
  'straggler',
  'stuck-await',
  'loop-blocked-js',
  'loop-blocked-native',
  'fs-pool-exhausted',
  'stopped',
  'host-frozen',
];

const ranksOf = (verdict: HangVerdict): readonly number[] => (verdict.class === 'unknown' ? [] : verdict.ranks);
const confidenceOf = (verdict: HangVerdict): number =>
  verdict.class === 'unknown' ? 0 : { low: 1, medium: 2, high: 3 }[verdict.confidence];

/** The same hang with the ranks called by other numbers. */
function renamed(evidence: HangEvidence, numbers: readonly number[]): HangEvidence {
  const of = (rank: number): number => numbers[rank] ?? rank;
  const { barrier, ranks } = evidence;
  const holder = (text: string): string => text.replace(/^rank (\d+)$/, (_, rank) => `rank ${of(Number(rank))}`);
  return {
    ...evidence,
    barrier: barrier && {
      ...barrier,
      arrivals: barrier.arrivals.map((each) => ({ ...each, rank: of(each.rank) })).sort((a, b) => a.rank - b.rank),
      seenByLauncher: barrier.seenByLauncher.map(of).sort((a, b) => a - b),
    },
    ranks: ranks
      .map((each) => ({ ...each, rank: of(each.rank), lock: each.lock && { ...each.lock, holder: holder(each.lock.holder) } }))
      .sort((a, b) => a.rank - b.rank),
  };
}

describe('a diagnosis', () => {
  it('is made of any evidence, always the same, and names ranks of the run only', () => {
    fc.assert(
      fc.property(fc.oneof(anyEvidence, troubledHang), (evidence) => {
        const diagnosis = diagnose(evidence);
        expect(diagnose(structuredClone(evidence))).toEqual(diagnosis);
        expect(diagnosis.verdict.says).not.toBe('the evidence could not be judged');
        const ranks = ranksOf(diagnosis.verdict);
        expect(evidence.ranks.map(({ rank }) => rank)).toEqual(expect.arrayContaining([...ranks]));
        expect(ranks).toEqual([...new Set(ranks)].sort((a, b) => a - b));
        expect(diagnosis.verdict.class === 'unknown').toBe(ranks.length === 0);
        expect(diagnosis.states.flatMap((state) => state.ranks).sort((a, b) => a - b)).toEqual(
          evidence.ranks.map(({ rank }) => rank),
        );
        expect(diagnosis.alsoAffected.filter((rank) => ranks.includes(rank))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('never blames for not coming a rank that came', () => {
    fc.assert(
      fc.property(fc.oneof(troubledHang, anyEvidence), (evidence) => {
        const { verdict } = diagnose(evidence);
        if (!OF_THE_MISSING.includes(verdict.class)) return;
        const arrived = evidence.barrier?.arrivals.map(({ rank }) => rank) ?? [];
        expect(ranksOf(verdict).filter((rank) => arrived.includes(rank))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('is the same for ranks by other numbers', () => {
    const cases = troubledHang.chain((evidence) =>
      fc.tuple(fc.constant(evidence), fc.shuffledSubarray([...evidence.ranks.keys()], { minLength: evidence.ranks.length })),
    );
    fc.assert(
      fc.property(cases, ([evidence, numbers]) => {
        const before = diagnose(evidence).verdict;
        const after = diagnose(renamed(evidence, numbers)).verdict;
        expect(after.class).toBe(before.class);
        expect(ranksOf(after)).toEqual(
          ranksOf(before)
            .map((rank) => numbers[rank] ?? -1)
            .sort((a, b) => a - b),
        );
        expect(confidenceOf(after)).toBe(confidenceOf(before));
      }),
      RUNS,
    );
  });

  it('is never sure of something else, nor surer of the same, when evidence is denied', () => {
    const cases = troubledHang.chain((evidence) => fc.tuple(fc.constant(evidence), denials(evidence.ranks.length)));
    fc.assert(
      fc.property(cases, ([evidence, denied]) => {
        const before = diagnose(evidence).verdict;
        const after = diagnose(without(evidence, denied)).verdict;
        if (after.class !== before.class) expect(confidenceOf(after)).toBeLessThan(3);
        else expect(confidenceOf(after)).toBeLessThanOrEqual(confidenceOf(before));
      }),
      RUNS,
    );
  });
});

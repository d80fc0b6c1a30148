import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckpointInfo, Limit, RetentionPolicy } from '../../../shared/contracts/checkpoint.ts';
import { updateBestCheckpoints } from '../../../shared/policy/best-list.ts';
import { checkDecision } from '../../../shared/policy/decision-check.ts';
import { inclusiveRetention, newestAndBest } from '../../../shared/policy/retention.ts';
import '../../property-seed.ts';
import { anyCheckpoints, naiveBest } from './metric-sequences.ts';

interface Limits {
  readonly saveTotalLimit: Limit;
  readonly preserveNBest: number;
  readonly mode: 'min' | 'max';
}

/** Saves the checkpoints one by one and returns what is on disk at the end; every decision has to be a sound one. */
function keptBy(policy: RetentionPolicy, saves: readonly CheckpointInfo[], limits: Limits): readonly number[] {
  let disk: readonly CheckpointInfo[] = [];
  let best: readonly { step: number; metric: number }[] = [];
  for (const save of saves) {
    best = updateBestCheckpoints(best, save, limits);
    disk = [...disk, save];
    const decision = policy({ checkpoints: disk, best, ...limits });
    expect(checkDecision(decision, disk)).toBeUndefined();
    disk = disk.filter(({ step }) => decision.preserve.includes(step));
  }
  return disk.map(({ step }) => step);
}

const anyLimits: fc.Arbitrary<Limits> = fc.record({
  saveTotalLimit: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant('none' as const)),
  preserveNBest: fc.integer({ min: 0, max: 5 }),
  mode: fc.constantFrom('min', 'max'),
});

const losses = (...metrics: number[]): readonly CheckpointInfo[] =>
  metrics.map((metric, index) => ({ step: 25 * (index + 1), metric }));

describe('newestAndBest', () => {
  it('keeps exactly the newest of all joined with the best of all', () => {
    fc.assert(
      fc.property(anyCheckpoints, anyLimits, (saves, limits) => {
        const steps = saves.map(({ step }) => step);
        const newest = limits.saveTotalLimit === 'none' ? steps : steps.slice(-limits.saveTotalLimit);
        const expected = new Set([...newest, ...naiveBest(saves, limits.preserveNBest, limits.mode)]);
        expect(keptBy(newestAndBest, saves, limits)).toEqual([...expected].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  it('counts the newest apart from the best', () => {
    const limits = { saveTotalLimit: 3, preserveNBest: 2, mode: 'min' } as const;
    expect(keptBy(newestAndBest, losses(1, 1.1, 5, 5, 5, 5), limits)).toEqual([25, 50, 100, 125, 150]);
  });

  it('orders by step, whatever order it is given', () => {
    const checkpoints = [
      { step: 100, metric: 1 },
      { step: 9, metric: 1 },
      { step: 25, metric: 1 },
    ];
    const decision = newestAndBest({ checkpoints, best: [], saveTotalLimit: 2, preserveNBest: 0, mode: 'min' });
    expect(decision).toEqual({ preserve: [25, 100], delete: [9] });
  });
});

describe('inclusiveRetention', () => {
  it('stays within the limit as far as the best list lets it', () => {
    fc.assert(
      fc.property(anyCheckpoints, anyLimits, (saves, limits) => {
        const count = limits.saveTotalLimit === 'none' ? saves.length : Math.max(limits.saveTotalLimit, limits.preserveNBest);
        expect(keptBy(inclusiveRetention, saves, limits).length).toBeLessThanOrEqual(count);
      }),
    );
  });

  it('deletes the checkpoint just saved when the limit is as short as the best list', () => {
    const limits = { saveTotalLimit: 2, preserveNBest: 2, mode: 'min' } as const;
    expect(keptBy(inclusiveRetention, losses(1, 1.1, 2, 2, 2), limits)).toEqual([25, 50]);
  });

  it('loses the newest best checkpoint to a stale list', () => {
    const checkpoints = losses(3, 2, 1);
    const stale = [
      { step: 50, metric: 2 },
      { step: 25, metric: 3 },
    ];
    const decision = inclusiveRetention({ checkpoints, best: stale, saveTotalLimit: 2, preserveNBest: 2, mode: 'min' });
    expect(decision).toEqual({ preserve: [25, 50], delete: [75] });
  });

  it('keeps everything without a limit', () => {
    expect(keptBy(inclusiveRetention, losses(1, 2, 3), { saveTotalLimit: 'none', preserveNBest: 0, mode: 'min' })).toEqual([
      25, 50, 75,
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { BestListUpdate } from '../../../../shared/contracts/checkpoint.ts';
import { inclusiveRetention } from '../../../../shared/policy/retention.ts';
import { BASIC, evidenceOf, SPIKE } from '../healthy-evidence.ts';
import { edit, findingsFor, withoutOnDisk } from '../tampering.ts';

const losses = (...values: number[]) => ({ numSteps: 25 * values.length, metric: (step: number) => values[step / 25 - 1] });

describe('best-count', () => {
  it('says how many are tracked', () => {
    expect(findingsFor(evidenceOf(), 'best-count')).toMatchObject([
      { status: 'passed', message: 'Best checkpoints count: 2 <= preserve_n_best=2' },
    ]);
  });

  it('fails from the first update that is not trimmed, on every rank', () => {
    const updateBest: BestListUpdate = (best, { step, metric }) => (metric === undefined ? best : [{ step, metric }, ...best]);
    expect(findingsFor(evidenceOf({ updateBest }), 'best-count')).toEqual([
      {
        invariant: 'best-count',
        status: 'failed',
        message: 'Best checkpoints count: 4 <= preserve_n_best=2',
        expected: 'at most 2',
        found: '3: checkpoint-75, checkpoint-50, checkpoint-25',
        step: 75,
        ranks: [0, 1],
        hint: 'Verify preserve_n_best slicing happens in update_best_checkpoints().',
      },
    ]);
  });

  it('notices a list that was too long in the meantime, on one rank', () => {
    const extra = { step: 7, metric: 9 };
    const tampered = edit(evidenceOf(), 1, 'best:updated', (event) => [
      event.step === 75 ? { ...event, best: [...event.best, extra] } : event,
    ]);
    expect(findingsFor(tampered, 'best-count')).toMatchObject([{ status: 'failed', step: 75, ranks: [1] }]);
  });
});

describe('best-tracked', () => {
  it('names the tracked checkpoints, best first', () => {
    expect(findingsFor(evidenceOf({}, SPIKE), 'best-tracked')).toMatchObject([
      { status: 'passed', message: 'Best checkpoints tracked correctly: checkpoint-50, checkpoint-25' },
    ]);
  });

  it('catches a list that lets only a new champion in', () => {
    const updateBest: BestListUpdate = (best, { step, metric }) => {
      const champion = best[0]?.metric ?? Number.POSITIVE_INFINITY;
      if (metric === undefined || (best.length === 2 && metric >= champion)) return best;
      return [...best, { step, metric }].sort((a, b) => a.metric - b.metric).slice(0, 2);
    };
    expect(findingsFor(evidenceOf({ ...losses(3, 2, 2.5), updateBest }), 'best-tracked')).toMatchObject([
      {
        status: 'failed',
        step: 75,
        ranks: [0, 1],
        expected: 'checkpoint-50: 2, checkpoint-75: 2.5',
        found: 'checkpoint-50: 2, checkpoint-25: 3',
      },
    ]);
  });

  it('catches a list that drops the metric 0', () => {
    const updateBest: BestListUpdate = (best, { step, metric }) => (metric ? [{ step, metric }, ...best].slice(0, 2) : best);
    expect(findingsFor(evidenceOf({ ...losses(0.5, 0), updateBest }), 'best-tracked')).toMatchObject([
      { status: 'failed', step: 50 },
    ]);
  });

  it('catches a list that admits NaN while there is room', () => {
    const updateBest: BestListUpdate = (best, { step, metric }) =>
      metric === undefined || best.length === 2 ? best : [...best, { step, metric }];
    const evidence = evidenceOf({ ...losses(2, Number.NaN, 1), updateBest });
    expect(findingsFor(evidence, 'best-tracked')).toMatchObject([
      { status: 'failed', step: 50, found: 'checkpoint-25: 2, checkpoint-50: NaN' },
    ]);
  });

  it('catches the later of equals in the list', () => {
    const updateBest: BestListUpdate = (_, { step, metric }) => (metric === undefined ? [] : [{ step, metric }]);
    const evidence = evidenceOf({ ...losses(1, 1), preserveNBest: 1, updateBest });
    expect(findingsFor(evidence, 'best-tracked')).toMatchObject([{ status: 'failed', step: 50, expected: 'checkpoint-25: 1' }]);
  });

  it('catches a rank that stops updating its list', () => {
    const tampered = edit(evidenceOf({ worldSize: 3 }), 2, 'best:updated', (event) => (event.step > 50 ? [] : [event]));
    expect(findingsFor(tampered, 'best-tracked')).toMatchObject([{ status: 'failed', step: 100, ranks: [2] }]);
  });

  it('does not mind that the list is updated after the save', () => {
    expect(findingsFor(evidenceOf({ saveOrder: 'update-after-save' }), 'best-tracked')).toMatchObject([{ status: 'passed' }]);
  });
});

describe('best-exists', () => {
  it('names each tracked checkpoint, by step', () => {
    expect(findingsFor(evidenceOf({}, SPIKE), 'best-exists').map(({ message }) => message)).toEqual([
      'Best checkpoint exists: checkpoint-25',
      'Best checkpoint exists: checkpoint-50',
    ]);
  });

  it('names the checkpoint that was marked as best and then deleted', () => {
    const race = evidenceOf({ saveTotalLimit: 2, retention: inclusiveRetention, saveOrder: 'update-after-save' });
    expect(findingsFor(race, 'best-exists')).toMatchObject([
      {
        status: 'failed',
        message: 'Best checkpoint missing: checkpoint-75',
        expected: 'checkpoint-75 on disk and whole',
        found: 'deleted at step 75',
        step: 75,
        ranks: [0],
        hint: 'Ensure update_best_checkpoints() is called BEFORE save_checkpoint().',
      },
      { status: 'passed', message: 'Best checkpoint exists: checkpoint-100' },
    ]);
  });

  it('tells a checkpoint that vanished and one that is damaged from one that was deleted', () => {
    expect(findingsFor(withoutOnDisk(evidenceOf(), 75), 'best-exists')[0]).toMatchObject({
      message: 'Best checkpoint missing: checkpoint-75',
      found: 'gone without a recorded deletion at step 100',
    });
    const healthy = evidenceOf();
    const disk = healthy.disk.map((checkpoint) =>
      checkpoint.step === 100 ? { ...checkpoint, problem: 'shard changed' } : checkpoint,
    );
    expect(findingsFor({ ...healthy, disk }, 'best-exists')[1]).toMatchObject({
      message: 'Best checkpoint damaged: checkpoint-100',
      found: 'shard changed',
    });
  });

  it('refuses a best checkpoint that was never saved', () => {
    const best = [{ step: 110, metric: 1 }];
    const tampered = edit(evidenceOf(), 0, 'best:updated', (event) => [{ ...event, best }]);
    expect(findingsFor(tampered, 'best-exists')).toMatchObject([{ status: 'failed', step: 110, found: 'never saved' }]);
  });

  it('has nothing to look for when nothing is tracked', () => {
    expect(findingsFor(evidenceOf({ ...BASIC, preserveNBest: 0 }), 'best-exists')).toMatchObject([{ status: 'passed' }]);
  });
});

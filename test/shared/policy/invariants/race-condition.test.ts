import { describe, expect, it } from 'vitest';
import { inclusiveRetention } from '../../../../shared/policy/retention.ts';
import { evidenceOf } from '../healthy-evidence.ts';
import { declare, edit, failing, findingsFor, rewrite } from '../tampering.ts';

const race = evidenceOf({ saveTotalLimit: 2, retention: inclusiveRetention, saveOrder: 'update-after-save' });

describe('best-updated-before-save', () => {
  it('counts the saves', () => {
    expect(findingsFor(evidenceOf(), 'best-updated-before-save')).toMatchObject([
      { status: 'passed', message: 'Best checkpoint list updated before each of 4 saves' },
    ]);
  });

  it('fails at the first save of the wrong order, even where nothing is lost by it', () => {
    const late = evidenceOf({ saveOrder: 'update-after-save' });
    expect(failing(late)).toContain('best-updated-before-save');
    expect(findingsFor(late, 'best-updated-before-save')).toMatchObject([
      { status: 'failed', step: 25, ranks: [0, 1], found: 'updated after the save had started' },
    ]);
  });

  it('catches a single rank that does not update', () => {
    const tampered = edit(evidenceOf({ worldSize: 4 }), 3, 'best:updated', (event) => (event.step === 50 ? [] : [event]));
    expect(findingsFor(tampered, 'best-updated-before-save')).toMatchObject([
      { status: 'failed', step: 50, ranks: [3], found: 'not updated' },
    ]);
  });

  it('asks for nothing where there is no finite metric', () => {
    const metric = (step: number): number | undefined => (step === 25 ? Number.NaN : step === 50 ? undefined : 1);
    const tampered = edit(evidenceOf({ metric }), 0, 'best:updated', (event) => (event.step === 25 ? [] : [event]));
    expect(findingsFor(tampered, 'best-updated-before-save')).toMatchObject([{ status: 'passed' }]);
  });
});

describe('best-updated-before-save without anything to preserve', () => {
  it('asks for no order', () => {
    const late = evidenceOf({ saveOrder: 'update-after-save', preserveNBest: 0 });
    expect(findingsFor(late, 'best-updated-before-save')).toMatchObject([{ status: 'passed' }]);
  });
});

describe('preserved-list-accurate', () => {
  it('fails where a stale list gives up a best checkpoint', () => {
    expect(findingsFor(race, 'preserved-list-accurate')).toMatchObject([
      {
        status: 'failed',
        message: 'Preserved list lacks checkpoint-75',
        step: 75,
        ranks: [0, 1],
        expected: 'checkpoint-75, checkpoint-50 preserved',
        found: 'preserve checkpoint-25, checkpoint-50; delete checkpoint-75',
      },
    ]);
  });

  it.each([
    ['forgets a checkpoint', [50], []],
    ['decides twice on a checkpoint', [50, 75, 25], [25]],
    ['decides on a checkpoint that is not there', [25, 50, 75], [7]],
  ])('fails where a rank %s', (_, preserve, doomed) => {
    const tampered = edit(evidenceOf({ preserveNBest: 0 }), 1, 'retention:decided', (event) => [
      event.step === 75 ? { ...event, preserve, delete: doomed } : event,
    ]);
    expect(findingsFor(tampered, 'preserved-list-accurate')).toMatchObject([{ status: 'failed', step: 75, ranks: [1] }]);
  });
});

describe('no-good-deleted', () => {
  it('counts the deletions', () => {
    expect(findingsFor(evidenceOf(), 'no-good-deleted')).toMatchObject([
      { status: 'passed', message: 'No good checkpoints deleted in 1 deletions' },
    ]);
  });

  it('fails at the deletion of a best checkpoint', () => {
    expect(findingsFor(race, 'no-good-deleted')).toMatchObject([
      { status: 'failed', message: 'Good checkpoint deleted: checkpoint-75', found: 'deleted as best #1', step: 75, ranks: [0] },
    ]);
  });

  it('fails at the deletion of one of the newest', () => {
    const metric = (step: number): number => (step <= 50 ? 1 : 2);
    const inclusive = evidenceOf({ metric, retention: inclusiveRetention });
    expect(findingsFor(inclusive, 'no-good-deleted')).toMatchObject([{ status: 'passed' }]);
    expect(findingsFor(declare(inclusive, { hasOwnRetention: false }), 'no-good-deleted')).toMatchObject([
      { status: 'failed', message: 'Good checkpoint deleted: checkpoint-75', found: 'deleted as newest #2', step: 100 },
    ]);
  });

  it('fails when a retention of its own deletes the checkpoint just saved', () => {
    const metric = (step: number): number => (step <= 50 ? 1 : 2);
    expect(
      findingsFor(evidenceOf({ metric, saveTotalLimit: 2, retention: inclusiveRetention }), 'no-good-deleted'),
    ).toMatchObject([{ status: 'failed', step: 75, found: 'deleted as newest #1' }]);
  });

  it('judges a deletion by what was known then', () => {
    const evidence = rewrite(evidenceOf(), 0, (journal) =>
      journal.flatMap((event) =>
        event.type === 'retention:decided' && event.step === 50
          ? [event, { type: 'checkpoint:deleted', step: 25, atStep: 50, atMs: event.atMs }]
          : [event],
      ),
    );
    expect(findingsFor(evidence, 'no-good-deleted')).toMatchObject([{ status: 'failed', step: 50, found: 'deleted as best #2' }]);
  });
});

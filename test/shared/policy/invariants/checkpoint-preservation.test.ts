import { describe, expect, it } from 'vitest';
import type { RetentionPolicy } from '../../../../shared/contracts/checkpoint.ts';
import { inclusiveRetention } from '../../../../shared/policy/retention.ts';
import { evidenceOf, SPIKE } from '../healthy-evidence.ts';
import { declare, edit, findingsFor, withoutOnDisk } from '../tampering.ts';

const keepAll: RetentionPolicy = ({ checkpoints }) => ({ preserve: checkpoints.map(({ step }) => step), delete: [] });
const race = evidenceOf({ saveTotalLimit: 2, retention: inclusiveRetention, saveOrder: 'update-after-save' });

describe('best-preserved', () => {
  it('names what was preserved', () => {
    expect(findingsFor(evidenceOf({}, SPIKE), 'best-preserved')).toMatchObject([
      { status: 'passed', message: 'Best checkpoints never deleted: checkpoint-50, checkpoint-25' },
    ]);
  });

  it('fails at the deletion of a best checkpoint, even if a better one comes later', () => {
    expect(findingsFor(race, 'best-preserved')).toMatchObject([
      {
        status: 'failed',
        message: 'Best checkpoint lost: checkpoint-75',
        step: 75,
        ranks: [0],
        found: 'checkpoint-25, checkpoint-50',
      },
    ]);
  });

  it('does not believe a journal that the directory contradicts', () => {
    const listed = edit(evidenceOf(), 0, 'disk:listed', (event) => [
      { ...event, checkpoints: event.checkpoints.filter((step) => step !== 25) },
    ]);
    expect(findingsFor(listed, 'best-preserved')).toMatchObject([
      { status: 'failed', message: 'Best checkpoint lost: checkpoint-25', step: 25 },
    ]);
    const extra = edit(evidenceOf(), 0, 'disk:listed', (event) => [
      event.step === 75 ? { ...event, checkpoints: [7, ...event.checkpoints] } : event,
    ]);
    expect(findingsFor(extra, 'best-preserved')).toMatchObject([
      {
        status: 'failed',
        step: 75,
        expected: 'checkpoint-25, checkpoint-50, checkpoint-75',
        found: 'checkpoint-7, checkpoint-25, checkpoint-50, checkpoint-75',
      },
    ]);
  });

  it('looks at the directory at the end', () => {
    expect(findingsFor(withoutOnDisk(evidenceOf(), 100), 'best-preserved')).toMatchObject([{ status: 'failed', step: 100 }]);
  });
});

describe('total-limit', () => {
  it('shows the total beside the limit', () => {
    expect(findingsFor(evidenceOf({}, SPIKE), 'total-limit')).toMatchObject([
      { status: 'passed', message: 'Total checkpoints: 4 <= 5' },
    ]);
    expect(findingsFor(evidenceOf({ saveTotalLimit: 'none' }), 'total-limit')).toMatchObject([
      { status: 'passed', message: 'Total checkpoints: 4, no limit' },
    ]);
  });

  it('fails after the first retention that leaves too many', () => {
    expect(findingsFor(evidenceOf({ numSteps: 200, retention: keepAll }), 'total-limit')).toMatchObject([
      { status: 'failed', message: 'Total checkpoints: 6 <= 5', expected: 'at most 5', step: 150, ranks: [0] },
    ]);
  });

  it('does not count before retention is over', () => {
    const metric = (step: number): number => (step <= 50 ? 1 : 2);
    expect(findingsFor(evidenceOf({ numSteps: 300, metric }), 'total-limit')).toMatchObject([
      { status: 'passed', message: 'Total checkpoints: 5 <= 5' },
    ]);
  });
});

describe('disk-expected', () => {
  it('expects the newest and the best at every step', () => {
    expect(findingsFor(evidenceOf(), 'disk-expected')).toMatchObject([
      { status: 'passed', message: 'Disk holds exactly the expected checkpoints: checkpoint-50, checkpoint-75, checkpoint-100' },
    ]);
    const hoarding = declare(evidenceOf({ retention: keepAll }), { hasOwnRetention: false });
    expect(findingsFor(hoarding, 'disk-expected')).toMatchObject([
      {
        status: 'failed',
        step: 100,
        expected: 'checkpoint-50, checkpoint-75, checkpoint-100',
        found: 'checkpoint-25, checkpoint-50, checkpoint-75, checkpoint-100',
      },
    ]);
  });

  it('catches a limit that counts the best', () => {
    const metric = (step: number): number => (step <= 50 ? 1 : 2);
    const inclusive = declare(evidenceOf({ numSteps: 150, metric, retention: inclusiveRetention }), { hasOwnRetention: false });
    expect(findingsFor(inclusive, 'disk-expected')).toMatchObject([
      { status: 'failed', step: 100, found: 'checkpoint-25, checkpoint-50, checkpoint-100' },
    ]);
  });

  it('catches a deletion that was decided and not done', () => {
    const undone = edit(evidenceOf(), 0, 'checkpoint:deleted', () => []);
    const listed = edit(undone, 0, 'disk:listed', (event) => [
      event.step === 100 ? { ...event, checkpoints: [25, 50, 75, 100] } : event,
    ]);
    const evidence = { ...listed, disk: [25, 50, 75, 100].map((step) => ({ step, problem: null })) };
    expect(findingsFor(evidence, 'disk-expected')).toMatchObject([{ status: 'failed', step: 100 }]);
  });

  it('holds a scenario of its own retention to its own decisions', () => {
    const own = evidenceOf({ saveTotalLimit: 4, retention: inclusiveRetention, numSteps: 150 });
    expect(findingsFor(own, 'disk-expected')).toMatchObject([{ status: 'passed' }]);
    const tampered = edit(own, 0, 'retention:decided', (event) => [
      event.step === 125 ? { ...event, preserve: [75, 100, 125] } : event,
    ]);
    expect(findingsFor(tampered, 'disk-expected')).toMatchObject([
      { status: 'failed', step: 125, expected: 'checkpoint-75, checkpoint-100, checkpoint-125' },
    ]);
  });

  it('adds what was saved since its last decision', () => {
    const undecided = edit(evidenceOf({ saveTotalLimit: 4, retention: keepAll }), 0, 'retention:decided', (event) =>
      event.step < 75 ? [event] : [],
    );
    expect(findingsFor(undecided, 'disk-expected')).toMatchObject([{ status: 'passed' }]);
  });

  it('takes the word of the scenario, which speaks of the end', () => {
    expect(findingsFor(evidenceOf({ retention: keepAll, expect: { onDisk: [100, 25, 50, 75] } }), 'disk-expected')).toMatchObject(
      [{ status: 'passed' }],
    );
    expect(findingsFor(evidenceOf({ expect: { onDisk: [100] } }), 'disk-expected')).toMatchObject([
      { status: 'failed', step: 100, expected: 'checkpoint-100' },
    ]);
  });
});

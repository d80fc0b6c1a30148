import { describe, expect, it } from 'vitest';
import type { RetentionPolicy } from '../../../../shared/contracts/checkpoint.ts';
import { evidenceOf, SPIKE } from '../healthy-evidence.ts';
import { declare, edit, findingsFor, rewrite } from '../tampering.ts';

const newestOnly: RetentionPolicy = ({ checkpoints, saveTotalLimit }) => {
  const steps = checkpoints.map(({ step }) => step);
  const count = saveTotalLimit === 'none' ? 0 : Math.max(0, steps.length - saveTotalLimit);
  return { preserve: steps.slice(count), delete: steps.slice(0, count) };
};

describe('stopped-in-time', () => {
  it('says when training stopped', () => {
    expect(findingsFor(evidenceOf({}, SPIKE), 'stopped-in-time')).toMatchObject([
      { status: 'passed', message: 'Training stopped at step 100, when divergence was detected' },
    ]);
    expect(findingsFor(evidenceOf(), 'stopped-in-time')).toMatchObject([
      { status: 'passed', message: 'Training had no divergence to stop for' },
    ]);
  });

  it('fails where training goes on', () => {
    const late = edit(evidenceOf({}, SPIKE), 1, 'training:ended', (event) => [{ ...event, step: 125 }]);
    expect(findingsFor(late, 'stopped-in-time')).toMatchObject([
      { status: 'failed', message: 'Training went on after divergence at step 100', step: 125, ranks: [1] },
    ]);
    const early = rewrite(evidenceOf({ detector: 'none' }, SPIKE), 0, (journal) =>
      journal.flatMap((event) =>
        event.type === 'step:decided' && event.step === 75
          ? [event, { type: 'divergence:detected', step: 75, reason: 'seen', atMs: event.atMs }]
          : [event],
      ),
    );
    expect(findingsFor(early, 'stopped-in-time')).toMatchObject([
      { status: 'failed', step: 100, ranks: [0, 1], found: 'an evaluation' },
    ]);
  });

  it('fails where training goes on although a callback asked to stop after a save', () => {
    const asked = edit(evidenceOf(), 1, 'save:decided', (event) => [{ ...event, stop: event.step === 50 }]);
    expect(findingsFor(asked, 'stopped-in-time')).toMatchObject([
      { status: 'failed', message: 'Training went on after a decision to stop at step 50', step: 75, ranks: [0, 1] },
    ]);
    expect(findingsFor(asked, 'decisions-equal')).toMatchObject([
      { status: 'failed', step: 50, ranks: [1], message: 'Ranks differ in the decision after the save at step 50' },
    ]);
    const last = edit(evidenceOf(), 1, 'save:decided', (event) => [{ ...event, stop: event.step === 100 }]);
    expect(findingsFor(last, 'stopped-in-time')).toMatchObject([{ status: 'passed' }]);
  });

  it('fails when an aborted step is saved all the same', () => {
    const aborting = evidenceOf({ detector: 'abort' }, SPIKE);
    expect(findingsFor(aborting, 'stopped-in-time')).toMatchObject([{ status: 'passed' }]);
    const saved = edit(aborting, 1, 'training:ended', (event) => [{ type: 'save:started', step: 100, atMs: event.atMs }, event]);
    expect(findingsFor(saved, 'stopped-in-time')).toMatchObject([
      { status: 'failed', message: 'Training saved although it was aborted at step 100', step: 100, ranks: [1] },
    ]);
  });

  it('fails when the best checkpoints from before did not survive until then', () => {
    const lossy = evidenceOf({ retention: newestOnly, saveTotalLimit: 2 }, SPIKE);
    expect(findingsFor(lossy, 'stopped-in-time')).toMatchObject([
      {
        status: 'failed',
        message: 'Good checkpoint lost to divergence: checkpoint-25',
        found: 'checkpoint-50, checkpoint-75',
        step: 75,
        ranks: [0],
      },
    ]);
  });

  it('lets unnoticed divergence pass only while nothing good is lost', () => {
    const unnoticed = evidenceOf({ detector: 'none' }, SPIKE);
    expect(findingsFor(unnoticed, 'stopped-in-time')).toMatchObject([
      { status: 'passed', message: 'Training did not stop, and no good checkpoint was lost' },
    ]);
    const lossy = evidenceOf({ detector: 'none', retention: newestOnly }, SPIKE);
    expect(findingsFor(lossy, 'stopped-in-time')).toMatchObject([{ status: 'failed', step: 100 }]);
    expect(findingsFor(declare(lossy, { expect: { divergence: false, onDisk: undefined } }), 'stopped-in-time')).toMatchObject([
      { status: 'passed' },
    ]);
  });
});

describe('callback-state-restored', () => {
  it('counts the checkpoints', () => {
    expect(findingsFor(evidenceOf(), 'callback-state-restored')).toMatchObject([
      { status: 'passed', message: 'Stateful callback state restored from each of 4 checkpoints' },
    ]);
  });

  it('claims nothing where no callback has a state', () => {
    const stateless = [0, 1].reduce(
      (evidence, rank) => edit(evidence, rank, 'callbacks:restored', (event) => [{ ...event, saved: {}, restored: {} }]),
      evidenceOf(),
    );
    expect(findingsFor(stateless, 'callback-state-restored')).toMatchObject([
      { status: 'passed', message: 'No callback has state to restore' },
    ]);
  });

  it('fails where a fresh set of callbacks comes back different', () => {
    const restored = { DivergenceDetector: { short: null, long: null, reason: null } };
    const tampered = edit(evidenceOf({}, SPIKE), 1, 'callbacks:restored', (event) => [
      event.step === 75 ? { ...event, restored } : event,
    ]);
    expect(findingsFor(tampered, 'callback-state-restored')).toMatchObject([
      {
        status: 'failed',
        step: 75,
        ranks: [1],
        expected: expect.stringMatching(/^DivergenceDetector\.short = 3\.8\d+$/),
        found: 'DivergenceDetector.short = null',
      },
    ]);
  });

  it('fails where a callback is not restored at all, or on no record', () => {
    const emptied = edit(evidenceOf(), 0, 'callbacks:restored', (event) => [{ ...event, restored: {} }]);
    expect(findingsFor(emptied, 'callback-state-restored')).toMatchObject([
      { status: 'failed', step: 25, ranks: [0], found: 'DivergenceDetector = absent' },
    ]);
    const silent = edit(evidenceOf({ worldSize: 3 }), 2, 'callbacks:restored', (event) => (event.step === 50 ? [] : [event]));
    expect(findingsFor(silent, 'callback-state-restored')).toMatchObject([
      { status: 'failed', step: 50, ranks: [2], found: 'none recorded' },
    ]);
  });

  it('does not mind the order of keys', () => {
    const reorder = edit(evidenceOf({}, SPIKE), 0, 'callbacks:restored', (event) => [
      { ...event, saved: { a: 1, b: [1, { c: null }] }, restored: { b: [1, { c: null }], a: 1 } },
    ]);
    expect(findingsFor(reorder, 'callback-state-restored')).toMatchObject([{ status: 'passed' }]);
    const shorter = edit(reorder, 0, 'callbacks:restored', (event) => [{ ...event, restored: { a: 1, b: [1] } }]);
    expect(findingsFor(shorter, 'callback-state-restored')).toMatchObject([
      { status: 'failed', expected: 'b.1 = {"c":null}', found: 'b.1 = absent' },
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '../../../../shared/contracts/journal.ts';
import { evidenceOf } from '../healthy-evidence.ts';
import { edit, findingsFor, rewrite } from '../tampering.ts';

const world3 = evidenceOf({ worldSize: 3 });
const isAt = (event: JournalEvent, name: string): boolean =>
  event.type.startsWith('barrier:') && 'name' in event && event.name === name;

describe('barriers-in-order', () => {
  it('counts the barriers', () => {
    expect(findingsFor(world3, 'barriers-in-order')).toMatchObject([
      { status: 'passed', message: 'All ranks met at the same 18 barriers in the same order' },
    ]);
  });

  it('fails at the barrier that a rank skips', () => {
    const tampered = rewrite(world3, 1, (journal) => journal.filter((event) => !isAt(event, 'save@75')));
    expect(findingsFor(tampered, 'barriers-in-order')).toMatchObject([
      {
        status: 'failed',
        message: 'Ranks met at different barriers',
        step: 75,
        ranks: [1],
        expected: '11 "save@75"',
        found: '12 "seen@75"',
      },
    ]);
  });

  it('fails where a rank comes to no further barrier', () => {
    const tampered = rewrite(world3, 2, (journal) =>
      journal.slice(
        0,
        journal.findIndex((event) => isAt(event, 'evaluate@100')),
      ),
    );
    expect(findingsFor(tampered, 'barriers-in-order')).toMatchObject([
      { status: 'failed', step: 100, ranks: [2], expected: '13 "evaluate@100"', found: 'no barrier' },
    ]);
  });

  it('fails where two ranks meet at a barrier of their own', () => {
    const renamed = [0, 2].reduce(
      (evidence, rank) =>
        edit(evidence, rank, 'barrier:arrived', (event) => [event.name === 'seen@50' ? { ...event, name: 'other' } : event]),
      world3,
    );
    expect(findingsFor(renamed, 'barriers-in-order')).toMatchObject([
      { status: 'failed', step: 50, ranks: [1], expected: '8 "other"', found: '8 "seen@50"' },
    ]);
  });

  it('asks that all but the last barrier are passed', () => {
    const lastOpen = edit(world3, 1, 'barrier:passed', (event) => (event.name === 'end' ? [] : [event]));
    expect(findingsFor(lastOpen, 'barriers-in-order')).toMatchObject([{ status: 'passed' }]);
    const open = edit(world3, 1, 'barrier:passed', (event) => (event.name === 'decide@50' ? [] : [event]));
    expect(findingsFor(open, 'barriers-in-order')).toMatchObject([
      { status: 'failed', message: 'A rank went on from a barrier without passing it', step: 50, ranks: [1] },
    ]);
    const unarrived = edit(world3, 1, 'barrier:passed', (event) => (event.name === 'decide@50' ? [event, event] : [event]));
    expect(findingsFor(unarrived, 'barriers-in-order')).toMatchObject([
      { status: 'failed', message: 'A rank passed a barrier without arriving', step: 50, ranks: [1] },
    ]);
  });

  it('asks that each barrier is used once', () => {
    const tampered = [0, 1, 2].reduce(
      (evidence, rank) =>
        edit(evidence, rank, 'barrier:arrived', (event) => [event.name === 'seen@75' ? { ...event, sequence: 3 } : event]),
      world3,
    );
    expect(findingsFor(tampered, 'barriers-in-order')).toMatchObject([
      { status: 'failed', message: 'A barrier was used twice', step: 75, ranks: [0, 1, 2], found: '3 "seen@75"' },
    ]);
  });

  it('fails when a barrier was given up', () => {
    const tampered = edit(world3, 0, 'barrier:passed', (event) =>
      event.name === 'end'
        ? [{ type: 'barrier:aborted', sequence: event.sequence, name: 'end', reason: 'timeout', missing: [2], atMs: event.atMs }]
        : [event],
    );
    expect(findingsFor(tampered, 'barriers-in-order')).toMatchObject([
      { status: 'failed', message: 'Barrier 17 "end" was given up: timeout', ranks: [0], found: 'missing ranks: 2' },
    ]);
  });
});

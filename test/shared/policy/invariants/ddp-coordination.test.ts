import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../healthy-evidence.ts';
import { edit, findingsFor, rewrite } from '../tampering.ts';

const world4 = evidenceOf({ worldSize: 4 });

describe('only-rank-0-logs', () => {
  it('passes whatever rank 0 logs', () => {
    expect(findingsFor(world4, 'only-rank-0-logs')).toMatchObject([{ status: 'passed', message: 'Only rank 0 logs' }]);
  });

  it('fails on the first step at which another rank logs', () => {
    const chatty = [1, 3].reduce(
      (evidence, rank) =>
        edit(evidence, rank, 'step:decided', (event) =>
          event.step < 50 ? [event] : [event, { type: 'log:written', lines: 2, atMs: event.atMs }],
        ),
      world4,
    );
    expect(findingsFor(chatty, 'only-rank-0-logs')).toMatchObject([
      { status: 'failed', step: 50, ranks: [1, 3], found: '2 log lines' },
    ]);
  });

  it('fails when another rank prints', () => {
    const [finding] = findingsFor({ ...world4, printedBytes: [0, 12, 0] }, 'only-rank-0-logs');
    expect(finding).toMatchObject({ status: 'failed', ranks: [2], found: '12 bytes on its standard output and error' });
    expect(finding).not.toHaveProperty('step');
  });
});

describe('checkpoints-visible', () => {
  it('counts the checkpoints', () => {
    expect(findingsFor(world4, 'checkpoints-visible')).toMatchObject([
      { status: 'passed', message: 'All 4 checkpoints visible to all ranks' },
    ]);
  });

  it.each([
    ['does not look', 'never looked at', undefined],
    ['finds it broken', 'shard 1 is missing', { problem: 'shard 1 is missing' }],
    ['finds another manifest', 'another manifest', { manifestSha256: 'stale' }],
  ])('fails where a rank %s', (_, found, change) => {
    const tampered = edit(world4, 2, 'checkpoint:seen', (event) => {
      if (event.step !== 75) return [event];
      return change === undefined ? [] : [{ ...event, ...change }];
    });
    expect(findingsFor(tampered, 'checkpoints-visible')).toMatchObject([
      { status: 'failed', message: 'Checkpoint not visible to all ranks: checkpoint-75', step: 75, ranks: [2], found },
    ]);
  });

  it('fails on a rank without a journal', () => {
    expect(findingsFor({ ...world4, history: world4.history.slice(0, 3) }, 'checkpoints-visible')).toMatchObject([
      { status: 'failed', step: 25, ranks: [3] },
    ]);
  });
});

describe('decisions-equal', () => {
  it('passes where all decide alike', () => {
    expect(findingsFor(world4, 'decisions-equal')).toMatchObject([
      { status: 'passed', message: 'All ranks decided alike at every step' },
    ]);
  });

  it('names the rank with another metric', () => {
    const tampered = edit(world4, 2, 'evaluation:finished', (event) => [event.step === 50 ? { ...event, metric: 'NaN' } : event]);
    expect(findingsFor(tampered, 'decisions-equal')).toMatchObject([
      { status: 'failed', message: 'Ranks differ in the metric at step 50', step: 50, ranks: [2], found: 'NaN' },
    ]);
  });

  it('lets the local measurements differ', () => {
    const tampered = edit(world4, 2, 'evaluation:finished', (event) => [{ ...event, local: 17 }]);
    expect(findingsFor(tampered, 'decisions-equal')).toMatchObject([{ status: 'passed' }]);
  });

  it('names rank 0 when it is the odd one out', () => {
    const tampered = edit(world4, 0, 'step:decided', (event) => [event.step === 75 ? { ...event, stop: true } : event]);
    expect(findingsFor(tampered, 'decisions-equal')).toMatchObject([
      {
        status: 'failed',
        step: 75,
        ranks: [0],
        expected: 'stop false, abort false, save true',
        found: 'stop true, abort false, save true',
      },
    ]);
  });

  it('names the ranks with another best list or another retention, or none', () => {
    const unlisted = [1, 2].reduce(
      (evidence, rank) => edit(evidence, rank, 'best:updated', (event) => (event.step === 25 ? [] : [event])),
      evidenceOf({ worldSize: 5 }),
    );
    expect(findingsFor(unlisted, 'decisions-equal')).toMatchObject([
      { status: 'failed', step: 25, ranks: [1, 2], found: 'nothing' },
    ]);
    const hoarder = edit(world4, 1, 'retention:decided', (event) => [
      event.step === 100 ? { ...event, preserve: [...event.delete, ...event.preserve], delete: [] } : event,
    ]);
    expect(findingsFor(hoarder, 'decisions-equal')).toMatchObject([
      { status: 'failed', message: 'Ranks differ in retention at step 100', step: 100, ranks: [1] },
    ]);
  });

  it('notices a decision that is taken twice', () => {
    const tampered = rewrite(world4, 3, (journal) =>
      journal.flatMap((event) => (event.type === 'step:decided' && event.step === 25 ? [event, event] : [event])),
    );
    expect(findingsFor(tampered, 'decisions-equal')).toMatchObject([{ status: 'failed', step: 25, ranks: [3] }]);
  });
});

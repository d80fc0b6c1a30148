import { describe, expect, it } from 'vitest';
import { judge } from '../../../../shared/policy/invariants/index.ts';
import { evidenceOf, SPIKE } from '../healthy-evidence.ts';
import { edit, findingsFor, rewrite, withoutOnDisk } from '../tampering.ts';

describe('fates-known', () => {
  it('counts what was saved, kept and deleted', () => {
    expect(findingsFor(evidenceOf(), 'fates-known')).toMatchObject([
      { status: 'passed', message: 'Fate of all 4 checkpoints known: 3 on disk, 1 deleted' },
    ]);
  });

  it('fails when a checkpoint vanished', () => {
    expect(findingsFor(withoutOnDisk(evidenceOf(), 50), 'fates-known')).toMatchObject([
      { status: 'failed', message: 'Fate unknown: checkpoint-50', step: 100, ranks: [0] },
    ]);
  });

  it('fails when something else is on disk, or a deleted checkpoint came back', () => {
    const healthy = evidenceOf();
    for (const step of [25, 60]) {
      const disk = [...healthy.disk, { step, problem: null }];
      expect(findingsFor({ ...healthy, disk }, 'fates-known')).toMatchObject([
        { status: 'failed', message: `Unexpected on disk: checkpoint-${step}`, step },
      ]);
    }
  });

  it('fails when a checkpoint on disk is damaged', () => {
    const healthy = evidenceOf();
    const disk = healthy.disk.map((checkpoint) =>
      checkpoint.step === 75 ? { ...checkpoint, problem: 'manifest.json is missing' } : checkpoint,
    );
    expect(findingsFor({ ...healthy, disk }, 'fates-known')).toMatchObject([
      { status: 'failed', step: 75, found: 'manifest.json is missing' },
    ]);
  });

  it('fails when a checkpoint was due and not saved, except at an aborted step', () => {
    const skipping = edit(evidenceOf({ detector: 'none' }, SPIKE), 0, 'checkpoint:committed', (event) =>
      event.step === 125 ? [] : [event],
    );
    expect(findingsFor(skipping, 'fates-known')).toMatchObject([
      { status: 'failed', message: 'Checkpoint was due and not saved: checkpoint-125', step: 125 },
    ]);
    expect(findingsFor(evidenceOf({ detector: 'abort' }, SPIKE), 'fates-known')).toMatchObject([{ status: 'passed' }]);
  });

  it('cannot say where training ended when the journal does not', () => {
    const cut = rewrite(evidenceOf(), 0, (journal) => journal.filter(({ type }) => type !== 'training:ended'));
    expect(findingsFor(cut, 'fates-known')).toMatchObject([{ status: 'unknown' }]);
    expect(judge({ ...evidenceOf(), history: [[], []], disk: [] }).status).toBe('unknown');
  });
});

describe('the fates in a verdict', () => {
  it('call none the newest where all are kept', () => {
    const all = judge(evidenceOf({ saveTotalLimit: 'none', preserveNBest: 1 })).checkpoints;
    expect(all.map(({ fate }) => fate)).toEqual([
      ...Array.from({ length: 3 }, () => ({ kind: 'kept', newest: null, best: null })),
      { kind: 'kept', newest: null, best: 1 },
    ]);
  });

  it('say of each checkpoint why it was kept, or when it went', () => {
    expect(judge(evidenceOf({}, SPIKE)).checkpoints.map(({ step, fate }) => ({ step, ...fate }))).toEqual([
      { step: 25, kind: 'kept', newest: null, best: 2 },
      { step: 50, kind: 'kept', newest: 3, best: 1 },
      { step: 75, kind: 'kept', newest: 2, best: null },
      { step: 100, kind: 'kept', newest: 1, best: null },
    ]);
    expect(judge(withoutOnDisk(evidenceOf(), 75)).checkpoints.map(({ fate }) => fate)).toMatchObject([
      { kind: 'deleted', atStep: 100 },
      { kind: 'kept' },
      { kind: 'missing' },
      { kind: 'kept' },
    ]);
  });

  it('carry the recorded metric, and tell what a deletion left behind from a checkpoint', () => {
    const healthy = evidenceOf({ metric: (step) => (step === 50 ? Number.NaN : undefined), preserveNBest: 1 });
    expect(judge(healthy).checkpoints.map(({ metric }) => metric)).toEqual([null, 'NaN', null, null]);
    const remains = { ...healthy, disk: [{ step: 25, problem: 'manifest.json is missing' }, ...healthy.disk] };
    expect(judge(remains).checkpoints[0]?.fate).toEqual({ kind: 'deleted', atStep: 100 });
  });
});

import { describe, expect, test } from 'vitest';
import { type FailureEvidence, failureOf } from '../../../launcher/outcome/failure.ts';
import type { JournalEvent } from '../../../shared/contracts/journal.ts';
import type { RankOutcome } from '../../../shared/contracts/run-report.ts';
import { aborted, error, evidence, outcome } from './failure-evidence.ts';

const arrivedAt = (sequence: number): JournalEvent => ({
  atMs: 0,
  type: 'barrier:arrived',
  sequence,
  name: 'mine/x',
  callSite: null,
});

describe('the root cause', () => {
  test('is the rank that threw', () => {
    const thrown = error('CKPT_FAULT_INJECTED');
    expect(failureOf(evidence({ exitCode: 1, signal: null, error: thrown }))).toEqual({
      kind: 'rank-failed',
      rank: 1,
      error: thrown,
    });
  });

  test('is the rank whose failure was carried to a barrier, and not the first to end by it', () => {
    const carried = error('CKPT_CALLBACK_INVALID', { evidence: { rank: 0, barrier: 'mine/decide@25' } });
    expect(failureOf(evidence({ exitCode: 1, signal: null, error: carried }))).toMatchObject({ kind: 'rank-failed', rank: 0 });
  });

  test('is the rank that was killed, with the signal and the place', () => {
    const history = [[], [arrivedAt(4)]];
    expect(failureOf(evidence({ signal: 'SIGKILL' }, { history }))).toMatchObject({
      kind: 'rank-killed',
      ...{ rank: 1, signal: 'SIGKILL' },
      error: { code: 'CKPT_RANK_KILLED', message: 'rank 1 was killed by SIGKILL at barrier #4 "mine/x"', hint: /out-of-memory/ },
    });
  });

  test.for([0, 13])('is the rank that ended with %i without having reached its end', (exitCode) => {
    expect(failureOf(evidence({ exitCode, signal: null }))).toMatchObject({
      kind: 'rank-ended-early',
      error: {
        code: 'CKPT_RANK_ENDED_EARLY',
        message: `rank 1 ended with exit code ${exitCode} before its end, before its first barrier`,
      },
    });
  });

  test.for([
    [
      'exit-called',
      'process.exit was called in callback X.onSave (/home/me/a.ts)',
      'Find the process.exit there, and throw instead.',
    ],
    ['nothing-left', 'nothing was left that could settle what it awaits in callback X.onSave (/home/me/a.ts)', /promise/],
  ] as const)('says what the rank was in when %s', ([why, words, hint]) => {
    const left: JournalEvent = { atMs: 0, type: 'rank:left', why, doing: 'callback X.onSave', file: '/home/me/a.ts' };
    expect(failureOf(evidence({ exitCode: 0, signal: null }, { history: [[], [arrivedAt(4), left]] }))).toMatchObject({
      error: {
        message: `rank 1 ended with exit code 0 before its end, at barrier #4 "mine/x": ${words}`,
        hint: expect.stringMatching(hint),
      },
    });
  });

  test('is the rank that exited with another code', () => {
    expect(failureOf(evidence({ exitCode: 3, signal: null }))).toMatchObject({
      kind: 'rank-failed',
      rank: 1,
      error: { code: 'CKPT_RANK_FAILED' },
    });
  });

  test('is the barrier that was given up, and not the rank that gave it up', () => {
    const barrier = aborted();
    const gaveUp = error('CKPT_BARRIER_TIMEOUT');
    expect(failureOf(evidence({ exitCode: 124, signal: null, error: gaveUp }, { decisions: [barrier] }))).toEqual({
      kind: 'hang',
      barrier,
      error: gaveUp,
    });
  });

  test('is the barrier that was given up even where the rank that gave it up was killed before it could say so', () => {
    expect(failureOf(evidence({ signal: 'SIGKILL' }, { decisions: [aborted()] }))).toMatchObject({
      kind: 'hang',
      error: { code: 'CKPT_BARRIER_TIMEOUT' },
    });
    expect(failureOf(evidence({ signal: 'SIGKILL' }, { decisions: [aborted({ reason: 'mismatch' })] }))).toMatchObject({
      error: { code: 'CKPT_BARRIER_MISMATCH' },
    });
  });

  test('is a failure of its own where a barrier was given up because of it', () => {
    const thrown = error('CKPT_CHECKPOINT_WRITE_FAILED');
    expect(failureOf(evidence({ exitCode: 1, signal: null, error: thrown }, { decisions: [aborted()] }))).toMatchObject({
      kind: 'rank-failed',
      rank: 1,
    });
  });

  test('is a signal, a time-out or a lost lease, whatever the ranks then did', () => {
    const of = (reason: FailureEvidence['reason']): unknown =>
      failureOf(evidence({ exitCode: 1, error: error('CKPT_RANK_FAILED') }, { reason, timeoutMs: 1500 }));
    expect(of({ kind: 'interrupted', signal: 'SIGHUP' })).toEqual({ kind: 'interrupted', signal: 'SIGHUP' });
    expect(of({ kind: 'timeout' })).toMatchObject({
      kind: 'timeout',
      error: { message: expect.stringContaining('--timeout 1.5 s: rank 0 before its first barrier; rank 1 ') },
    });
    expect(of({ kind: 'lease-lost' })).toMatchObject({ kind: 'lease-lost', error: { code: 'CKPT_LEASE_LOST' } });
  });

  test('is, of a run in which every rank has finished, the rank whose process does not end', () => {
    const reason = { kind: 'stalled', without: 'progress', forMs: 1500, barrier: null } as const;
    const message = (...ranks: readonly RankOutcome[]): unknown => {
      const failure = failureOf({ ...evidence({}), reason, ranks });
      return 'error' in failure ? failure.error.message : undefined;
    };
    const gone = outcome(0, { reachedEnd: true, exitCode: 0, signal: null });
    const left = outcome(1, { reachedEnd: true, signal: null, exitedAfterMs: null });
    const since = 'no rank has got on for 1.5 s';
    expect(message(gone, left)).toBe(`every rank has finished its work, but rank 1 does not end: ${since}`);
    expect(message(outcome(0, { exitedAfterMs: null }), left)).toBe(`${since}, and none waits at a barrier`);
  });
});

import { describe, expect, test } from 'vitest';
import { type FailureEvidence, failureOf } from '../../launcher/failure.ts';
import { failureLines } from '../../launcher/failure-lines.ts';
import type { AbortedBarrier } from '../../shared/contracts/barrier.ts';
import type { ErrorCode, SerializedError } from '../../shared/contracts/errors.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';
import type { RankOutcome } from '../../shared/contracts/run-report.ts';

const outcome = (rank: number, rest: Partial<RankOutcome> = {}): RankOutcome => ({
  ...{ rank, pid: 100 + rank, exitCode: null, signal: 'SIGTERM', reachedEnd: false },
  ...{ endedByLauncher: true, exitedAfterMs: 5, error: null },
  ...rest,
});

const error = (code: ErrorCode, rest: Partial<SerializedError> = {}): SerializedError => ({
  ...{ code, message: `it went wrong: ${code}`, hint: 'Do better.', evidence: null, stack: null },
  ...rest,
});

const aborted = (rest: Partial<AbortedBarrier> = {}): AbortedBarrier => ({
  ...{ outcome: 'abort', reason: 'timeout', sequence: 7, name: 'mine/save@50:written', decidedBy: 0 },
  ...{ arrived: [0], missing: [1], timeoutMs: 2000, arrivals: [] },
  ...rest,
});

const arrivedAt = (sequence: number): JournalEvent => ({
  atMs: 0,
  type: 'barrier:arrived',
  sequence,
  name: 'mine/x',
  callSite: null,
});

/** The evidence of two ranks of which the second was the first to end. */
const evidence = (rank1: Partial<RankOutcome>, rest: Partial<FailureEvidence> = {}): FailureEvidence => ({
  reason: { kind: 'rank-failed', rank: 1 },
  ranks: [outcome(0), outcome(1, { endedByLauncher: false, ...rank1 })],
  history: [[], []],
  decisions: [],
  timeoutMs: undefined,
  ...rest,
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
    expect(of({ kind: 'lease-lost' })).toMatchObject({ error: { code: 'CKPT_LEASE_LOST' } });
  });
});

describe('a failure in lines', () => {
  const none = (): readonly string[] => [];

  test('names the missing ranks of a hang with their processes', () => {
    const failure = failureOf(
      evidence(
        { exitCode: 124, signal: null, error: error('CKPT_BARRIER_TIMEOUT') },
        { decisions: [aborted({ missing: [1, 2] })] },
      ),
    );
    expect(failureLines(failure, [outcome(0), outcome(1)], none)).toEqual([
      'ckpt-run: HANG: it went wrong: CKPT_BARRIER_TIMEOUT  [CKPT_BARRIER_TIMEOUT]',
      '    arrived:  rank 0',
      '    missing:  rank 1, pid 101, alive until the run was ended',
      '    missing:  rank 2, pid unknown',
      '    fix:      Do better.',
    ]);
  });

  test('shows the stack without what belongs to Node, and what the rank wrote', () => {
    const stack = 'Error: it\n    at mine (/home/me/mine.ts:3:5)\n    at process.emit (node:internal/x:1:2)';
    const failure = failureOf(evidence({ exitCode: 1, signal: null, error: error('CKPT_RANK_FAILED', { stack }) }));
    expect(failureLines(failure, [], () => ['last words'])).toEqual([
      'ckpt-run: rank 1: it went wrong: CKPT_RANK_FAILED  [CKPT_RANK_FAILED]',
      '    at mine (/home/me/mine.ts:3:5)',
      '    stderr of rank 1:',
      '      last words',
      '    fix:      Do better.',
    ]);
  });

  test('is one line for an interrupt', () => {
    expect(failureLines({ kind: 'interrupted', signal: 'SIGINT' }, [], none)).toEqual(['ckpt-run: interrupted by SIGINT']);
  });
});

import { constants } from 'node:os';
import { expect, test } from 'vitest';
import type { AbortedBarrier } from '../../../shared/contracts/barrier.ts';
import type { SerializedError } from '../../../shared/contracts/errors.ts';
import { EXIT_CODES, exitCodeOf, signalExitCode } from '../../../shared/contracts/exit-code.ts';
import type { RunFailure } from '../../../shared/contracts/run-report.ts';
import { type Status, worst } from '../../../shared/contracts/verdict.ts';

const error: SerializedError = { code: 'CKPT_RANK_FAILED', message: '', hint: '', evidence: null, stack: null };

const barrier: AbortedBarrier = {
  ...{ outcome: 'abort', reason: 'timeout', decidedBy: 0, sequence: 0, name: 'x' },
  ...{ arrived: [], missing: [], timeoutMs: 1, arrivals: [] },
};

test.for<[Status, number]>([
  ['passed', 0],
  ['failed', 1],
  ['unknown', 3],
])('a verdict of %s is exit code %i', ([status, code]) => expect(exitCodeOf(null, status)).toBe(code));

test.for<[RunFailure, number]>([
  [{ kind: 'hang', error, barrier }, 124],
  [{ kind: 'rank-ended-early', error, rank: 0 }, 124],
  [{ kind: 'timeout', error }, 124],
  [{ kind: 'lease-lost', error }, 1],
  [{ kind: 'rank-failed', error, rank: 0 }, 1],
  [{ kind: 'node-failed', error, node: 1, cause: 'rank-failed', exitCode: 7 }, 7],
  [{ kind: 'rank-killed', error, rank: 0, signal: 'SIGKILL' }, 137],
  [{ kind: 'rank-killed', error, rank: 0, signal: 'SIGSEGV' }, 139],
  [{ kind: 'interrupted', signal: 'SIGINT' }, 130],
  [{ kind: 'interrupted', signal: 'SIGTERM' }, 143],
])('a failure outweighs every verdict: %o', ([failure, code]) => {
  for (const status of ['passed', 'failed', 'unknown'] as const) expect(exitCodeOf(failure, status)).toBe(code);
});

test('signals have the numbers of the system', () => {
  const common = [
    'SIGHUP',
    'SIGINT',
    'SIGQUIT',
    'SIGILL',
    'SIGABRT',
    'SIGFPE',
    'SIGKILL',
    'SIGSEGV',
    'SIGPIPE',
    'SIGALRM',
    'SIGTERM',
  ] as const;
  for (const signal of common) expect(signalExitCode(signal)).toBe(128 + constants.signals[signal]);
  expect(signalExitCode('SIGFUTURE')).toBe(128);
});

test('no two meanings share an exit code', () => {
  const codes = Object.values(EXIT_CODES);
  expect(new Set(codes).size).toBe(codes.length);
});

test('failed outweighs unknown, unknown outweighs passed, and nothing checked is unknown', () => {
  expect([worst(['passed', 'unknown', 'failed']), worst(['unknown', 'passed']), worst(['passed']), worst([])]).toEqual([
    ...['failed', 'unknown', 'passed', 'unknown'],
  ]);
});

import type { RunFailure } from './run-report.ts';
import type { Status } from './verdict.ts';

/** What ckpt-run's exit status means; docs/exit-codes.md is held against this table. */
export const EXIT_CODES = {
  passed: 0,
  failed: 1,
  usage: 2,
  undecided: 3,
  internal: 70,
  hang: 124,
  cannotExecute: 126,
  notFound: 127,
} as const;

// biome-ignore format: a table
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8,
  SIGKILL: 9, SIGUSR1: 10, SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15,
};

/** 128 + n for signal n, as shells say it; 128 for a signal this table does not know. */
export const signalExitCode = (signal: string): number => 128 + (SIGNAL_NUMBERS[signal] ?? 0);

/** The exit status of a run from what went wrong and, if nothing did, from its verdict. */
export function exitCodeOf(failure: RunFailure | null, status: Status): number {
  if (failure === null) {
    if (status === 'passed') return EXIT_CODES.passed;
    return status === 'failed' ? EXIT_CODES.failed : EXIT_CODES.undecided;
  }
  switch (failure.kind) {
    case 'hang':
    case 'rank-ended-early':
    case 'timeout':
      return EXIT_CODES.hang;
    case 'launcher-failed':
      return EXIT_CODES.internal;
    case 'rank-failed':
    case 'lease-lost':
      return EXIT_CODES.failed;
    case 'node-failed':
      return failure.exitCode;
    case 'rank-killed':
    case 'interrupted':
      return signalExitCode(failure.signal);
  }
}

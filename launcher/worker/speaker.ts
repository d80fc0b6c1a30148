import type { RunFailure } from '../../shared/contracts/run-report.ts';

/** The rank whose process knows most of a failure, and so says what it was. */
export function speakerOf(failure: RunFailure, own: number): number {
  switch (failure.kind) {
    case 'hang':
      return failure.barrier?.decidedBy ?? 0;
    case 'rank-failed':
    case 'rank-killed':
    case 'rank-ended-early':
      return failure.rank;
    case 'launcher-failed':
      return own;
    case 'timeout':
    case 'lease-lost':
    case 'interrupted':
    case 'node-failed':
      return 0;
  }
}

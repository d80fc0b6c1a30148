import type { Confidence, HangClass } from '../../../../shared/contracts/diagnosis.ts';
import {
  BARRIER,
  beat,
  blockedIn,
  busyIn,
  type Case,
  type Change,
  idleIn,
  journalled,
  moving,
  processes,
  stuckPool,
  thrown,
  UNREACHABLE,
} from './hang-evidence.ts';

/** A hang of one class, and who is to blame. */
interface HangCase {
  readonly given: Case;
  readonly ranks: readonly number[];
  readonly confidence?: Confidence;
  /** Where the class is that of one missing rank: what is special about it. */
  readonly single?: Change;
}

const ended = (end: Partial<NonNullable<Change['end']>>): Change => ({
  end: { exitCode: null, signal: null, outOfMemory: null, stderrTail: [], ...end },
});

const missing = (single: Change, confidence: Confidence = 'high'): HangCase => ({
  given: { missing: { 2: single } },
  ranks: [2],
  confidence,
  single,
});

/** One for each class: the healthy evidence with one change. */
export const CASES: Readonly<Record<HangClass, HangCase>> = {
  'never-started': missing({ pid: null, startError: 'EAGAIN' }),
  'world-size-mismatch': {
    given: { barrier: { why: 'mismatch' }, ranks: { 1: { worldSize: 8 } }, missing: { 2: {} } },
    ranks: [1],
  },
  died: missing(ended({ exitCode: 3 })),
  'killed-oom': missing(ended({ signal: 'SIGABRT', outOfMemory: 'v8' })),
  'exited-early': missing(ended({ exitCode: 0 })),
  'exception-before-barrier': missing({ error: thrown() }),
  'skipped-barrier': missing({ loop: { kind: 'idle', doing: [] } }),
  desync: { given: { arriving: { 2: { name: 'other', fingerprint: 'ffffffff' } } }, ranks: [2] },
  straggler: missing({ processes: moving(1 << 20), loop: busyIn(['save'], ['save']) }),
  'stuck-await': missing({ loop: idleIn('callback own.onEvaluate') }),
  'loop-blocked-js': missing({ loop: busyIn(['validate'], ['validate']), heartbeat: beat(100, 28_000) }),
  'loop-blocked-native': missing({
    loop: UNREACHABLE,
    processes: blockedIn('openat', '/shared/x'),
    heartbeat: beat(100, 28_000),
  }),
  'fs-pool-exhausted': missing({ loop: idleIn('callback x'), processes: stuckPool(4) }),
  stopped: missing({ processes: processes({ state: 'T' }), loop: UNREACHABLE }),
  'host-frozen': {
    given: {
      missing: {
        2: { host: 'two', heartbeat: beat(9_000), loop: UNREACHABLE },
        3: { host: 'two', heartbeat: beat(9_100), loop: UNREACHABLE },
      },
    },
    ranks: [2, 3],
  },
  'lock-deadlock': missing({ lock: { path: '/shared/lock', holder: 'pid 99', holderIsAlive: false } }),
  'stale-view': {
    given: {
      barrier: { seenByLauncher: [0, 1, 2, 3] },
      missing: { 2: { barriers: [journalled('arrived', 28_000, BARRIER)] } },
    },
    ranks: [2],
  },
  'clock-skew': missing({ clockSkewMs: 5000, loop: idleIn('callback x') }, 'medium'),
};

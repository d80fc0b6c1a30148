import fc from 'fast-check';
import type { Arrival } from '../../../../shared/contracts/barrier.ts';
import type {
  CodePlace,
  EndEvidence,
  HangEvidence,
  Heartbeat,
  JournalledBarrier,
  LoopEvidence,
  NotSeen,
  RankEvidence,
  StuckBarrier,
} from '../../../../shared/contracts/diagnosis.ts';
import type { RankSample } from '../../../../shared/contracts/process-sample.ts';
import {
  arrivalOf,
  BARRIER,
  beat,
  blockedIn,
  busyIn,
  type Change,
  hangOf,
  idleIn,
  journalled,
  moving,
  NOT_PERMITTED,
  processes,
  stuckPool,
  thrown,
  UNREACHABLE,
} from './hang-evidence.ts';

const number = fc.oneof(
  fc.nat(100_000),
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER),
  fc.double(),
);
const words = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom('', 'rank 1', 'barrier #7 "x"', 'a/save@75:written', '\u001b[2J\n', 'x'.repeat(3000)),
);
const few = { maxLength: 4 };
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const orNotSeen = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | NotSeen> =>
  fc.oneof(arbitrary, fc.record({ notSeen: words }));

const anyPlace: fc.Arbitrary<CodePlace> = fc.record({ file: words, line: number, column: number, functionName: orNull(words) });
const anyCall = fc.record({ name: fc.oneof(words, fc.constantFrom('openat', 'futex')), path: orNull(words) });
const anyThread = fc.record({
  tid: number,
  state: fc.constantFrom('R', 'S', 'D', 'T', 't', 'Z', ''),
  waitChannel: orNull(words),
  call: orNull(anyCall),
  cpuMs: number,
});
const anySample: fc.Arbitrary<RankSample> = fc.record({
  atMs: number,
  state: fc.constantFrom('R', 'S', 'D', 'T', 't', 'Z', ''),
  threads: fc.array(anyThread, { maxLength: 7 }),
  cpuMs: number,
  readBytes: orNull(number),
  writtenBytes: orNull(number),
  isWhole: fc.boolean(),
  journalBytes: number,
  foreignBytes: fc.record({ atLeast: number, atMost: number }),
  children: fc.array(fc.record({ pid: number, command: words }), few),
  tracerPid: number,
});
const anyLoop: fc.Arbitrary<LoopEvidence> = fc.oneof(
  fc.record({
    kind: fc.constant('idle' as const),
    doing: fc.array(fc.record({ what: words, forMs: number, place: orNull(anyPlace) }), few),
  }),
  fc.record({
    kind: fc.constant('busy' as const),
    stacks: fc.array(fc.record({ atMs: number, frames: fc.array(anyPlace, few) }), few),
  }),
  fc.constant(UNREACHABLE),
);
const anyHeartbeat: fc.Arbitrary<Heartbeat> = fc.record({ ageMs: number, lagMs: number, step: number });
const anyEnd: fc.Arbitrary<EndEvidence> = fc.record({
  exitCode: orNull(number),
  signal: orNull(words),
  outOfMemory: fc.constantFrom('kernel', 'v8', null),
  stderrTail: fc.array(words, few),
});
const anyJournalled: fc.Arbitrary<JournalledBarrier> = fc.record({
  sequence: fc.oneof(fc.nat(9), number),
  name: words,
  outcome: fc.constantFrom('arrived', 'passed', 'aborted'),
  agoMs: number,
  callSite: orNull(anyPlace),
});

const anyRank = (rank: number): fc.Arbitrary<RankEvidence> =>
  fc.record({
    rank: fc.constant(rank),
    pid: orNull(fc.nat(99_999)),
    host: orNull(fc.constantFrom('one', 'two', '\u0007')),
    startError: orNull(words),
    end: orNull(anyEnd),
    thrownAt: orNull(anyPlace),
    error: orNull(
      fc.record({
        code: fc.constantFrom('CKPT_RANK_FAILED', 'CKPT_BARRIER_TIMEOUT'),
        message: words,
        hint: words,
        evidence: fc.constantFrom(null, { rank: 1 }, []),
        stack: fc.constant(null),
      }),
    ),
    worldSize: orNull(fc.nat(9)),
    barriers: fc.array(anyJournalled, few),
    lastRecord: orNull(fc.record({ what: words, agoMs: number })),
    gotOnAgoMs: orNull(number),
    processes: orNotSeen(fc.array(anySample, few)),
    loop: orNotSeen(anyLoop),
    heartbeat: orNotSeen(anyHeartbeat),
    clockSkewMs: orNull(number),
    lock: orNull(fc.record({ path: words, holder: words, holderIsAlive: orNull(fc.boolean()) })),
  });

const anyArrival = (rank: number): fc.Arbitrary<Arrival> =>
  fc
    .record({ name: words, fingerprint: fc.constantFrom('a', 'b', 'c'), callSite: orNull(words), arrivedAtMs: number })
    .map((change) => arrivalOf(rank, change));

const anyBarrier = (worldSize: number): fc.Arbitrary<StuckBarrier> =>
  fc.record({
    sequence: fc.nat(9),
    name: words,
    why: fc.constantFrom('timeout', 'mismatch', 'rank-ended', 'waiting'),
    waitedMs: number,
    timeoutMs: number,
    arrivals: fc.subarray([...Array(worldSize).keys()]).chain((ranks) => fc.tuple(...ranks.map(anyArrival))),
    seenByLauncher: fc.subarray([...Array(worldSize).keys()]),
  });

/** Evidence that nothing holds together, within the types. */
export const anyEvidence: fc.Arbitrary<HangEvidence> = fc.integer({ min: 1, max: 5 }).chain((worldSize) =>
  fc.record({
    runId: words,
    worldSize: fc.oneof(fc.constant(worldSize), fc.nat(9)),
    runDirectory: words,
    barrier: orNull(anyBarrier(worldSize)),
    ranks: fc.tuple(...[...Array(worldSize).keys()].map(anyRank)),
    poolSize: fc.oneof(fc.constant(4), number),
  }),
);

const ended = { exitCode: 1, signal: null, outOfMemory: null, stderrTail: [] };

/** What can be the matter with a rank. */
const TROUBLES: readonly Change[] = [
  {},
  { pid: null },
  { end: ended },
  { end: { ...ended, exitCode: 0 } },
  { error: thrown() },
  { processes: processes({ state: 'T' }), loop: UNREACHABLE },
  { loop: { kind: 'idle', doing: [] } },
  { loop: idleIn('callback x') },
  { loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) },
  { loop: busyIn(['f', 'h'], ['g', 'h']) },
  { loop: UNREACHABLE, processes: blockedIn('openat', '/x'), heartbeat: beat(100, 9000) },
  { loop: idleIn('callback x'), processes: stuckPool(4) },
  { processes: moving(1 << 20) },
  { processes: moving(1 << 20), loop: busyIn(['save'], ['save']) },
  { gotOnAgoMs: 300, loop: idleIn('callback x') },
  { heartbeat: beat(9000) },
  { host: 'two', heartbeat: beat(9000) },
  { host: 'two', loop: idleIn('callback x') },
  { clockSkewMs: 5000 },
  { clockSkewMs: 5000, loop: idleIn('callback x') },
  { lock: { path: '/a', holder: 'rank 0', holderIsAlive: true } },
  { lock: { path: '/b', holder: 'rank 1', holderIsAlive: true } },
  { lock: { path: '/c', holder: 'pid 9', holderIsAlive: false } },
  { barriers: [journalled('arrived', 28_000, BARRIER)] },
  { barriers: [journalled('arrived', 300, BARRIER)] },
  { barriers: [journalled('arrived', 28_000)], loop: idleIn('barrier #6 "x"') },
  { worldSize: 9 },
];

const anyTrouble = fc
  .tuple(fc.constantFrom(...TROUBLES), fc.constantFrom(...TROUBLES), fc.integer({ min: 0, max: 2 }))
  .map(([a, b, both]) => (both === 0 ? { ...a, ...b } : a));

const NOBODY: fc.Arbitrary<number[]> = fc.constant([]);
const LATER = { name: 'spike/save@100:written', fingerprint: 'ffffffff' };
const OTHER = { name: 'other', fingerprint: 'eeeeeeee' };

/** Hangs with trouble on one rank or several. */
export const troubledHang: fc.Arbitrary<HangEvidence> = fc.integer({ min: 2, max: 6 }).chain((worldSize) => {
  const everybody = [...Array(worldSize).keys()];
  return fc
    .record({
      away: fc.subarray(everybody, { minLength: 0, maxLength: Math.min(worldSize, 3) }),
      hidden: fc.oneof({ weight: 3, arbitrary: NOBODY }, fc.subarray(everybody)),
      elsewhere: fc.oneof({ weight: 3, arbitrary: NOBODY }, fc.subarray(everybody)),
      where: fc.constantFrom(LATER, OTHER),
      troubles: fc.tuple(...everybody.map(() => anyTrouble)),
      launcher: fc.constantFrom({}, { launcherHost: 'one' }),
      waitedMs: fc.constantFrom(30_000, 30_000, 5),
      others: fc.oneof({ weight: 4, arbitrary: NOBODY }, fc.subarray(everybody, { maxLength: 1 })),
    })
    .map(({ away, hidden, elsewhere, where, troubles, others, launcher, waitedMs }) => {
      const of = (ranks: readonly number[]): Readonly<Record<number, Change>> =>
        Object.fromEntries(ranks.map((rank) => [rank, troubles[rank] ?? {}]));
      const present = everybody.filter((rank) => !away.includes(rank));
      const seenByLauncher = [...new Set([...present, ...hidden])].sort((a, b) => a - b);
      const arriving = Object.fromEntries(elsewhere.map((rank) => [rank, where]));
      return hangOf({
        worldSize,
        missing: of(away),
        ranks: of(others),
        arriving,
        barrier: { seenByLauncher, waitedMs },
        ...launcher,
      });
    });
});

const SOURCES = ['processes', 'loop', 'heartbeat'] as const;

/** What may be denied: a source of some ranks. */
export const denials = (
  worldSize: number,
): fc.Arbitrary<readonly (readonly [rank: number, source: (typeof SOURCES)[number]])[]> =>
  fc.subarray(
    [...Array(worldSize).keys()].flatMap((rank) => SOURCES.map((source) => [rank, source] as const)),
    { minLength: 1 },
  );

/** The same hang, with some sources denied. */
export const without = (
  evidence: HangEvidence,
  denied: readonly (readonly [rank: number, source: (typeof SOURCES)[number]])[],
): HangEvidence => ({
  ...evidence,
  ranks: evidence.ranks.map((rank) => {
    const sources = denied.flatMap(([who, source]) => (who === rank.rank ? [[source, NOT_PERMITTED] as const] : []));
    return { ...rank, ...Object.fromEntries(sources) };
  }),
});

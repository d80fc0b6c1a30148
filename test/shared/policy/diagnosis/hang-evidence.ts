import { type Arrival, recordOf } from '../../../../shared/contracts/barrier.ts';
import type {
  CodePlace,
  HangEvidence,
  HangVerdict,
  JournalledBarrier,
  LoopEvidence,
  RankEvidence,
  StuckBarrier,
} from '../../../../shared/contracts/diagnosis.ts';
import type { SerializedError } from '../../../../shared/contracts/errors.ts';
import type { RankSample, ThreadSample } from '../../../../shared/contracts/process-sample.ts';
import { diagnose } from '../../../../shared/policy/diagnosis/index.ts';

export const BARRIER = { sequence: 7, name: 'spike/save@75:written' };
export const BEFORE = { sequence: 6, name: 'spike/evaluate@75' };

/** What is different about one rank. */
export type Change = Partial<RankEvidence>;

export const NOT_PERMITTED = { notSeen: 'not permitted' };

export const place = (functionName: string | null = 'validate', line = 41): CodePlace => ({
  file: 'src/hooks/validate.ts',
  line,
  column: 9,
  functionName,
});

export const thread = (change: Partial<ThreadSample> = {}): ThreadSample => ({
  tid: 4711,
  state: 'S',
  waitChannel: 'do_epoll_wait',
  call: { name: 'epoll_wait', path: null },
  cpuMs: 400,
  ...change,
});

const POOL = [1, 2, 3, 4].map((tid) => thread({ tid, waitChannel: 'futex_do_wait', call: { name: 'futex', path: null } }));

/** Two looks at a process in which nothing happens in between; what is different stands in both. */
export const processes = (change: Partial<RankSample> = {}): readonly [RankSample, RankSample] => {
  const sample = {
    state: 'S',
    threads: [thread(change.state === undefined ? {} : { state: change.state }), ...POOL],
    cpuMs: 500,
    readBytes: 1_000_000,
    writtenBytes: 500_000,
    isWhole: true,
    journalBytes: 900,
    foreignBytes: { atLeast: 5000, atMost: 5000 },
    children: [],
    tracerPid: 0,
    ...change,
  };
  return [
    { ...sample, atMs: 10_000 },
    { ...sample, atMs: 10_400 },
  ];
};

/** The same, while something moves. */
export const moving = (bytes: number, cpuMs = 0): readonly RankSample[] => {
  const [first, last] = processes({ state: 'R' });
  return [first, { ...last, readBytes: (last.readBytes ?? 0) + bytes, cpuMs: last.cpuMs + cpuMs }];
};

/** The same, while somebody looks, and makes the rank write. */
export const visited = (bytes: number): readonly RankSample[] => {
  const [first, last] = moving(bytes);
  if (first === undefined || last === undefined) return [];
  const after = first.foreignBytes.atMost + bytes;
  return [first, { ...last, foreignBytes: { atLeast: after, atMost: after } }];
};

/** The same, while a look goes on that began before, of which nobody knew then how much it makes the rank write. */
export const stillVisited = (bytes: number): readonly RankSample[] => {
  const [first, last] = visited(bytes);
  if (first === undefined || last === undefined) return [];
  const { atLeast } = first.foreignBytes;
  return [{ ...first, foreignBytes: { atLeast, atMost: atLeast + (1 << 20) } }, last];
};

/** The same, while the journal grows. */
export const journalling = (): readonly RankSample[] => {
  const [first, last] = processes();
  return [first, { ...last, journalBytes: first.journalBytes + 80 }];
};

/** A main thread that is blocked in a call. */
export const blockedIn = (name: string, path: string | null): readonly RankSample[] =>
  processes({ threads: [thread({ waitChannel: 'wait_for_partner', call: { name, path } }), ...POOL] });

/** A main thread that sleeps until another wakes it, and what it and all others have used of their cores meanwhile. */
export const asleep = (cpuMs = 0, othersMs = 0): readonly RankSample[] => {
  const main = thread({ waitChannel: 'futex_wait_queue', call: null });
  const [first, last] = processes({ threads: [main, ...POOL] });
  const threads = [{ ...main, cpuMs: main.cpuMs + cpuMs }, ...POOL];
  return [first, { ...last, cpuMs: last.cpuMs + cpuMs + othersMs, threads }];
};

/** Some threads of the pool that wait for a path each. */
export const stuckPool = (count: number): readonly RankSample[] => {
  const stuck = POOL.map((each, index) =>
    index < count ? { ...each, waitChannel: 'wait_for_partner', call: { name: 'openat', path: `/shared/${index}` } } : each,
  );
  return processes({ threads: [thread(), ...stuck] });
};

export const idleIn = (...what: readonly string[]): LoopEvidence => ({
  kind: 'idle',
  doing: what.map((each) => ({ what: each, forMs: 28_000, place: each.startsWith('callback') ? place('onEvaluate', 12) : null })),
});

/** Samples of a loop, each from the innermost function on. */
export const busyIn = (...stacks: readonly (readonly string[])[]): LoopEvidence => ({
  kind: 'busy',
  stacks: stacks.map((names, sample) => ({ atMs: 10_000 + sample * 400, frames: names.map((name) => place(name, 41 + sample)) })),
});

export const UNREACHABLE: LoopEvidence = { kind: 'unreachable' };

export const beat = (ageMs = 200, lagMs = 10): RankEvidence['heartbeat'] => ({ ageMs, lagMs, step: 75 });

export const journalled = (outcome: JournalledBarrier['outcome'], agoMs: number, key = BEFORE): JournalledBarrier => ({
  ...key,
  outcome,
  agoMs,
  callSite: null,
});

export const thrown = (change: Partial<SerializedError> = {}): SerializedError => ({
  code: 'CKPT_RANK_FAILED',
  message: 'the disk is full',
  hint: 'Make room.',
  evidence: null,
  stack: null,
  ...change,
});

export const arrivalOf = (rank: number, change: Partial<Arrival> = {}): Arrival => ({
  ...BARRIER,
  rank,
  worldSize: 4,
  pid: 4700 + rank,
  host: 'one',
  fingerprint: '0a0b0c0d',
  callSite: 'src/save.ts:88:3',
  arrivedAtMs: 1_700_000_000_000 + rank,
  payload: null,
  ...change,
});

/** A rank that lives, has not arrived, and of which nothing is known but that. */
export const rankOf = (rank: number, change: Change = {}): RankEvidence => ({
  rank,
  pid: 4700 + rank,
  host: 'one',
  startError: null,
  end: null,
  error: null,
  thrownAt: null,
  worldSize: null,
  barriers: [journalled('arrived', 29_010), journalled('passed', 29_000)],
  lastRecord: { what: 'passed barrier #6', agoMs: 29_000 },
  gotOnAgoMs: null,
  processes: processes(),
  loop: { notSeen: 'no inspector' },
  heartbeat: beat(),
  clockSkewMs: 3,
  lock: null,
  ...change,
});

/** A rank that waits at the barrier as it should. */
const waitingRank = (rank: number): RankEvidence =>
  rankOf(rank, {
    barriers: [journalled('passed', 28_100), journalled('arrived', 28_000, BARRIER), journalled('aborted', 900, BARRIER)],
    loop: idleIn('barrier #7 "spike/save@75:written"'),
  });

/** What can be said of the case as a whole. */
export interface Case {
  readonly launcherHost?: string;
  readonly worldSize?: number;
  readonly barrier?: Partial<StuckBarrier> | null;
  /** Ranks that do not arrive, and what is special about them. */
  readonly missing?: Readonly<Record<number, Change>>;
  /** Ranks that arrive with something special. */
  readonly arriving?: Readonly<Record<number, Partial<Arrival>>>;
  /** What is special about any rank besides. */
  readonly ranks?: Readonly<Record<number, Change>>;
}

/** A barrier at which all arrive and wait, but for what the case says. */
export function hangOf({ worldSize = 4, barrier = {}, missing = {}, arriving = {}, ranks = {}, ...more }: Case): HangEvidence {
  const everybody = Array.from({ length: worldSize }, (_, rank) => rank);
  const present = everybody.filter((rank) => missing[rank] === undefined);
  const arrivals = present.map((rank) => recordOf(arrivalOf(rank, arriving[rank])));
  return {
    runId: '20260101t120000-0123abcd',
    worldSize,
    runDirectory: '/out/.ckpt-run/20260101t120000-0123abcd/attempt_0',
    barrier:
      barrier === null
        ? null
        : { ...BARRIER, why: 'timeout', waitedMs: 30_000, timeoutMs: 30_000, arrivals, seenByLauncher: present, ...barrier },
    ranks: everybody.map((rank) => {
      const change = missing[rank];
      return { ...(change === undefined ? waitingRank(rank) : rankOf(rank, change)), ...ranks[rank] };
    }),
    poolSize: 4,
    ...more,
  };
}

/** What is concluded from a case. */
export const verdictOn = (given: Case): HangVerdict => diagnose(hangOf(given)).verdict;

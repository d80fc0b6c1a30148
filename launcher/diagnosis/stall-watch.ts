import { isSeen } from '../../shared/contracts/diagnosis.ts';
import { waitingRanks } from '../../shared/platform/barrier/waiting-ranks.ts';
import { countProcess } from '../../shared/platform/process/process-sample.ts';
import { openRankProgress } from '../../shared/platform/rank-progress.ts';
import type { RankGroup, Stall } from '../group/rank-group.ts';
import type { RankHost } from '../rank-host.ts';
import { readArrivals } from './arrivals.ts';
import type { WatchedRun } from './wait-watch.ts';

/** A run, and how long it may stand still. */
export interface StallWatchedRun extends WatchedRun {
  /** Without any sign of progress, while nobody waits at a barrier. Milliseconds. */
  readonly quietMs: number;
  readonly isAlive: (host: RankHost) => boolean;
  /** Whether it is on another machine, where it may be computing. */
  readonly isElsewhere?: (host: RankHost) => boolean;
}

const LOOK_EVERY_MS = { least: 250, most: 1000 };
/** Ranks that wait give a barrier up themselves, unless they cannot: they are given the time. */
const GIVE_UP_WITHIN_MS = 3000;
/** A rank that only beats and listens uses less CPU time. */
const BUSY = { share: 0.05, leastMs: 30 };

/**
 * Tells of a run in which no living rank gets on and nobody at a barrier says so: once, unless the returned function is called
 * before. Somebody who waits at a barrier is owed the arrival of the others within its time-out. Where nobody waits, a rank may
 * compute for as long as it likes: CPU time and bytes are signs of progress there, up to the hard time-out, and a record in
 * any journal begins a new wait.
 */
export function watchForStall(watched: StallWatchedRun, stop: RankGroup['stop']): () => void {
  const { platform, run, hosts, hardTimeoutMs, quietMs, isAlive, isElsewhere = () => false } = watched;
  const { disk, clock } = platform;
  const pauseMs = Math.min(LOOK_EVERY_MS.most, Math.max(LOOK_EVERY_MS.least, quietMs / 4));
  const progress = openRankProgress(disk, run, platform.host);
  const seen = new Map<RankHost, { readonly record: number; readonly moved: number; readonly cpuMs: number }>();
  let lookedAtMs = clock.monotonicMs();
  let quietForMs = 0;
  let recordlessForMs = 0;

  const look = (): void => {
    cancel = clock.after(pauseMs, look);
    try {
      const stall = lookAtRanks();
      if (stall === undefined) return;
      cancel();
      stop({ kind: 'stalled', ...stall });
    } catch {
      // What cannot be seen now may be seen the next time.
    }
  };

  const lookAtRanks = (): Stall | undefined => {
    const now = clock.monotonicMs();
    const spanMs = now - lookedAtMs;
    lookedAtMs = now;
    const signs = hosts.filter(isAlive).map((host) => signOf(host, spanMs));
    // Where everything stood still, as on a host that was suspended, the time in between was nobody's.
    const countedMs = Math.min(spanMs, 2 * pauseMs);
    recordlessForMs = signs.includes('record') ? 0 : recordlessForMs + countedMs;
    quietForMs = signs.some((sign) => sign !== 'none') ? 0 : quietForMs + countedMs;
    if (quietForMs < quietMs && recordlessForMs < hardTimeoutMs) return undefined;
    const waiting = waitingRanks(disk, run.barriers)?.barrier ?? null;
    const limitMs = waiting === null ? quietMs : patienceAt(waiting.sequence);
    if (quietForMs >= limitMs) return { without: 'progress', forMs: quietForMs, barrier: waiting };
    const hardMs = waiting === null ? hardTimeoutMs : Math.max(limitMs, hardTimeoutMs + GIVE_UP_WITHIN_MS);
    return recordlessForMs >= hardMs ? { without: 'record', forMs: recordlessForMs, barrier: waiting } : undefined;
  };

  const signOf = (host: RankHost, spanMs: number): 'record' | 'activity' | 'none' => {
    const counters = host.pid === null ? undefined : countProcess(platform, host.pid);
    const now = {
      record: disk.sizeOf(run.journal(host.rank)),
      moved: progress.of(host.rank),
      cpuMs: counters !== undefined && isSeen(counters) ? counters.cpuMs : 0,
    };
    const before = seen.get(host) ?? { record: 0, moved: 0, cpuMs: 0 };
    seen.set(host, now);
    if (now.record > before.record) return 'record';
    if (isElsewhere(host)) return 'activity';
    const isBusy = now.cpuMs - before.cpuMs >= Math.max(BUSY.leastMs, BUSY.share * spanMs);
    return isBusy || now.moved > before.moved ? 'activity' : 'none';
  };

  const patienceAt = (sequence: number): number => {
    const own = readArrivals(disk, run.barriers, sequence).map(({ timeoutMs }) => timeoutMs ?? Number.POSITIVE_INFINITY);
    return Math.max(quietMs, ...own) + GIVE_UP_WITHIN_MS;
  };

  let cancel = clock.after(pauseMs, look);
  return () => cancel();
}

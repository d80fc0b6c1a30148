import type { Arrival, BarrierKey } from '../../shared/contracts/barrier.ts';
import { isSeen, type NotSeen } from '../../shared/contracts/diagnosis.ts';
import { startIn } from '../../shared/contracts/journal.ts';
import type { RankCounters } from '../../shared/contracts/process-sample.ts';
import { waitingRanks } from '../../shared/platform/barrier/waiting-ranks.ts';
import { readJournal } from '../../shared/platform/journal-file.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { countRank } from '../../shared/platform/rank-counters.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import type { RankHost } from '../rank-host.ts';
import { readArrivals } from './arrivals.ts';
import { type AwaitedRank, lastMark, nextMark, type Wait } from './waiting-line.ts';

/** A run is looked at so often; most barriers open long before anybody has looked. */
const LOOK_EVERY_MS = 250;
/** A barrier that has waited for less is nothing to look at. */
const WORTH_A_LOOK_MS = 100;
/** Less between two looks at a rank does not tell whether it gets on. */
const LEAST_SPAN_MS = 200;

/** What ranks are watched, and how long their barriers wait at most. */
export interface WatchedRun {
  readonly platform: Platform;
  readonly run: RunDirectory;
  readonly hosts: readonly RankHost[];
  readonly hardTimeoutMs: number;
}

/** What was counted of the missing ranks at one moment. */
interface Look {
  readonly atMs: number;
  readonly counters: ReadonlyMap<number, RankCounters | NotSeen>;
}

/** A barrier that waits, since it was seen first. */
interface Watched {
  readonly sequence: number;
  /** Oldest first. */
  readonly looks: readonly Look[];
  readonly toldMs: number;
}

/** Tells of a barrier that does not open, now and then before its time-out is over; until the returned function is called. */
export function watchWaits({ platform, run, hosts, hardTimeoutMs }: WatchedRun, tell: (wait: Wait) => void): () => void {
  const { disk, clock } = platform;
  let watched: Watched | undefined;

  const look = (): void => {
    let pauseMs = LOOK_EVERY_MS;
    try {
      pauseMs = lookAtBarrier();
    } catch {
      // What cannot be seen now may be seen the next time.
      watched = undefined;
    }
    cancel = clock.after(pauseMs, look);
  };

  /** Gives the time until the next look. */
  const lookAtBarrier = (): number => {
    const barrier = waitingRanks(disk, run.barriers)?.barrier;
    const arrivals = barrier === undefined ? [] : readArrivals(disk, run.barriers, barrier.sequence);
    const first = firstToGiveUp(arrivals);
    const waitedMs = first === undefined ? 0 : clock.nowMs() - first.arrivedAtMs;
    if (barrier === undefined || first === undefined || waitedMs < WORTH_A_LOOK_MS) {
      watched = undefined;
      return LOOK_EVERY_MS;
    }
    const missing = hosts.filter(({ rank }) => arrivals.every((arrival) => arrival.rank !== rank));
    const seen = watched?.sequence === barrier.sequence ? watched : undefined;
    const mark = lastMark(waitedMs, first.timeoutMs, hardTimeoutMs);
    const nowMs = clock.monotonicMs();
    if (seen === undefined || (mark > seen.toldMs && nowMs - (seen.looks.at(-1)?.atMs ?? 0) >= LEAST_SPAN_MS)) {
      const counters = new Map(missing.map((host) => [host.rank, countersOf(host)] as const));
      // A rank gets on for as long as it did so within the time-out, which ends the wait; without one, since the last word.
      const withinMs = Number.isFinite(first.timeoutMs) ? first.timeoutMs : 0;
      const recent = (seen?.looks ?? []).filter(({ atMs }) => nowMs - atMs <= withinMs);
      const looks = [...(recent.length > 0 ? recent : (seen?.looks.slice(-1) ?? [])), { atMs: nowMs, counters }];
      if (seen !== undefined) tell(waitOf(barrier, waitedMs, missing, looks));
      watched = { sequence: barrier.sequence, looks, toldMs: seen === undefined ? 0 : mark };
    }
    return Math.min(LOOK_EVERY_MS, nextMark(waitedMs, first.timeoutMs, hardTimeoutMs) - waitedMs);
  };

  const countersOf = ({ rank, pid }: RankHost): RankCounters | NotSeen =>
    pid === null ? { notSeen: whyNotSeen(rank) } : countRank(platform, run, rank, pid);

  /** Of a rank on another host only the journal tells. */
  const whyNotSeen = (rank: number): string => {
    const started = startIn(readJournal(disk, run.journal(rank)).events);
    return started === undefined ? 'it was never started' : `it runs on ${started.host}`;
  };

  const waitOf = (
    { sequence, name }: BarrierKey,
    waitedMs: number,
    missing: readonly RankHost[],
    looks: readonly Look[],
  ): Wait => ({
    barrier: { sequence, name },
    waitedMs,
    missing: missing.map(({ rank }): AwaitedRank => {
      const counted = looks.map(({ counters }) => counters.get(rank) ?? { notSeen: 'it was not looked at' });
      const unseen = counted.find((each): each is NotSeen => !isSeen(each));
      const processes = unseen ?? counted.filter((each) => isSeen(each));
      const { events } = readJournal(disk, run.journal(rank));
      const last = events.at(-1);
      return {
        rank,
        processes,
        gotOnAgoMs: null,
        step: events.flatMap((event) => ('step' in event ? [event.step] : [])).at(-1) ?? null,
        lastRecord: last === undefined ? null : { what: last.type, agoMs: Math.max(0, clock.nowMs() - last.atMs) },
      };
    }),
  });

  let cancel = clock.after(LOOK_EVERY_MS, look);
  return () => cancel();
}

/** Who comes to the end of its time-out before the others; where nobody has one, who came first. */
function firstToGiveUp(arrivals: readonly Arrival[]): { readonly arrivedAtMs: number; readonly timeoutMs: number } | undefined {
  const patient = arrivals.map(({ arrivedAtMs, timeoutMs }) => ({
    arrivedAtMs,
    timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
  }));
  const timed = patient.filter(({ timeoutMs }) => Number.isFinite(timeoutMs));
  const endOf = ({ arrivedAtMs, timeoutMs }: (typeof patient)[number]): number =>
    arrivedAtMs + (timed.length > 0 ? timeoutMs : 0);
  return (timed.length > 0 ? timed : patient).toSorted((a, b) => endOf(a) - endOf(b))[0];
}

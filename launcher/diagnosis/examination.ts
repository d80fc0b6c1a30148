import { type AbortedBarrier, type Arrival, abortedIn } from '../../shared/contracts/barrier.ts';
import type { Heartbeat, NotSeen } from '../../shared/contracts/diagnosis.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import { readHeartbeat } from '../../shared/platform/heartbeat/beat-file.ts';
import { timeLimit } from '../../shared/platform/inspector/time-limit.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import type { StopReason } from '../group/rank-group.ts';
import { readDecisions } from '../outcome/remains.ts';
import type { RankHost } from '../rank-host.ts';
import { firstArrivalMs, readArrivals } from './arrivals.ts';
import { type LiveLook, lookAtAll } from './live-look.ts';
import { type Picture, takePicture } from './picture.ts';

/** What was seen of a group in the moment in which a barrier was given up. */
export interface Examination {
  readonly barrier: AbortedBarrier;
  /** As the launcher saw them, when the rest had had the time to arrive. */
  readonly arrivals: readonly Arrival[];
  /** Wall clock, milliseconds. */
  readonly atMs: number;
  /** When the first file of an arrival was written: a rank's own clock may be wrong. */
  readonly sinceMs: number;
  /** By rank: those that lived and had not arrived. */
  readonly looks: ReadonlyMap<number, LiveLook>;
  /** By rank. */
  readonly heartbeats: ReadonlyMap<number, Heartbeat | NotSeen>;
}

/** Looks at ranks before they are told to end, or while they go on. */
export interface Examiner {
  /** To be called when a group is about to end; undefined where no barrier was given up. Never rejects. */
  examine(reason: StopReason): Promise<void> | undefined;
  /** How the run stands. Two looks at one rank would disturb each other: they take turns. */
  picture(): Promise<Picture>;
  result(): Examination | undefined;
}

/** How long ranks may take to come to a barrier that others have come to already. */
const LATE_MS = 700;
const LOOK_EVERY_MS = 20;

/** Who is to be looked at, and where. */
export interface ExaminerOptions {
  readonly platform: Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly plan: RunPlan;
  readonly run: RunDirectory;
  readonly hosts: readonly RankHost[];
  readonly isAlive: (host: RankHost) => boolean;
  /** Where our own sources are. */
  readonly packageDirectory: string;
}

/** Opens it for one group. */
export function openExaminer({ hosts, isAlive, ...place }: ExaminerOptions): Examiner {
  const { platform, run, packageDirectory } = place;
  const startedAtMs = platform.clock.monotonicMs();
  let result: Examination | undefined;
  let looking: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(look: () => Promise<T>): Promise<T> => {
    const turn = looking.then(look);
    looking = turn.catch(() => undefined);
    return turn;
  };

  /** Who disagrees with whom is known as soon as two have come; who is in the minority, when all have. */
  async function arrivalsAt({ sequence, reason }: AbortedBarrier): Promise<readonly Arrival[]> {
    const limit = timeLimit(platform.clock, reason === 'mismatch' ? LATE_MS : 0);
    const look = (): readonly Arrival[] => readArrivals(platform.disk, run.barriers, sequence);
    const isAwaited = (arrivals: readonly Arrival[]): boolean =>
      hosts.some((host) => isAlive(host) && arrivals.every(({ rank }) => rank !== host.rank));
    while (limit.leftMs() > 0 && isAwaited(look())) await limit.pause(LOOK_EVERY_MS);
    return look();
  }

  async function examine(barrier: AbortedBarrier, atMs: number): Promise<void> {
    const sinceMs = firstArrivalMs(platform.disk, run.barriers, barrier) ?? atMs;
    const arrivals = await arrivalsAt(barrier);
    const times = { nowMs: atMs, livedMs: platform.clock.monotonicMs() - startedAtMs };
    const heartbeats = new Map(hosts.map(({ rank }) => [rank, readHeartbeat(platform.disk, run, rank, times)]));
    const missing = hosts.filter((host) => isAlive(host) && arrivals.every(({ rank }) => rank !== host.rank));
    result = { barrier, arrivals, atMs, sinceMs, looks: await lookAtAll(platform, run, missing, packageDirectory), heartbeats };
  }

  return {
    examine: (reason) => {
      const aborted = reason.kind === 'rank-failed' ? abortedIn(readDecisions(platform.disk, run)) : undefined;
      // What cannot be seen is no reason to let ranks live on.
      if (aborted === undefined) return undefined;
      const atMs = platform.clock.nowMs();
      return inTurn(() => examine(aborted, atMs)).catch(() => undefined);
    },
    picture: () =>
      inTurn(() => {
        // A rank that has ended, and nobody with it, had come to its end.
        const ended = { exitCode: 0, signal: null, startError: null, sent: [] };
        return takePicture({ ...place, ranks: hosts.map((host) => ({ ...ended, host, isAlive: isAlive(host) })) });
      }),
    result: () => result,
  };
}

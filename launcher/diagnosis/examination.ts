import {
  type AbortedBarrier,
  type AbortRecord,
  type Arrival,
  type ArrivalRecord,
  abortedIn,
} from '../../shared/contracts/barrier.ts';
import type { Heartbeat, NotSeen } from '../../shared/contracts/diagnosis.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import { readHeartbeat } from '../../shared/platform/heartbeat/beat-file.ts';
import { timeLimit } from '../../shared/platform/inspector/time-limit.ts';
import { lastEvent } from '../../shared/platform/journal-file.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import type { StopReason } from '../group/rank-group.ts';
import { readDecisions } from '../outcome/remains.ts';
import type { RankHost } from '../rank-host.ts';
import { readArrivals, waitedAt } from './arrivals.ts';
import { type LiveLook, lookAtAll } from './live-look.ts';
import { type Picture, type PictureSources, seeRanks, takePicture } from './picture.ts';

/** What was seen of a group in the moment in which it was to end. */
export interface Examination {
  /** The one that was given up, or else at which ranks waited; null for none. */
  readonly barrier: SightedBarrier | null;
  /** As the launcher saw them, when the rest had had the time to arrive. */
  readonly arrivals: readonly ArrivalRecord[];
  /** Wall clock, milliseconds. */
  readonly atMs: number;
  /** Between the first arrival and the outcome; milliseconds. */
  readonly waitedMs: number;
  /** By rank: those that lived and had not arrived. */
  readonly looks: ReadonlyMap<number, LiveLook>;
  /** By rank. */
  readonly heartbeats: ReadonlyMap<number, Heartbeat | NotSeen>;
}

/** A barrier that did not open. */
export type SightedBarrier = Pick<AbortRecord, 'sequence' | 'name' | 'timeoutMs' | 'arrivals' | 'gettingOn'> & {
  readonly reason: AbortedBarrier['reason'] | 'waiting';
};

/** Looks at ranks before they are told to end, or while they go on. */
export interface Examiner {
  /** To be called when a group is about to end; undefined where its reason says all, or nothing could be seen. Never rejects. */
  examine(reason: StopReason): Promise<Examination | undefined> | undefined;
  /** How the run stands, without a look at some ranks. Two looks at one rank would disturb each other: they take turns. */
  picture(unseen?: PictureSources['unseen']): Promise<Picture>;
}

/** How long ranks may take to come to a barrier that others have come to already. */
const LATE_MS = 700;
const LOOK_EVERY_MS = 20;
/** How long those that waited may take to hear that the barrier is given up, and to say where they called it. */
const LAST_WORDS_MS = 500;

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
  const { platform, run } = place;
  const startedAtMs = platform.clock.monotonicMs();
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

  /** Their last words are evidence, too, and they are written in this very moment. */
  async function lastWords(arrivals: readonly Arrival[]): Promise<void> {
    const limit = timeLimit(platform.clock, LAST_WORDS_MS);
    const isSilent = ({ rank }: RankHost): boolean => lastEvent(platform.disk, run.journal(rank))?.type !== 'rank:failed';
    const isAwaited = (host: RankHost): boolean =>
      isAlive(host) && arrivals.some(({ rank }) => rank === host.rank) && isSilent(host);
    while (limit.leftMs() > 0 && hosts.some(isAwaited)) await limit.pause(LOOK_EVERY_MS);
  }

  async function examine(barrier: AbortedBarrier, atMs: number): Promise<Examination> {
    const waitedMs = waitedAt(platform.disk, run.barriers, barrier, atMs);
    const arrivals = await arrivalsAt(barrier);
    const times = { nowMs: atMs, livedMs: platform.clock.monotonicMs() - startedAtMs };
    const heartbeats = new Map(hosts.map(({ rank }) => [rank, readHeartbeat(platform.disk, run, rank, times)]));
    const missing = hosts.filter((host) => isAlive(host) && arrivals.every(({ rank }) => rank !== host.rank));
    // Where ranks disagree, nobody else's coming would help: what the missing ones do explains nothing.
    const suspects = barrier.reason === 'mismatch' ? [] : missing;
    const [looks] = await Promise.all([lookAtAll(place, suspects), lastWords(arrivals).catch(() => undefined)]);
    return { barrier, arrivals, atMs, waitedMs, looks, heartbeats };
  }

  const pictured = (): PictureSources => {
    // A rank that has ended, and nobody with it, had come to its end.
    const ended = { exitCode: 0, signal: null, startError: null, sent: [] };
    return { ...place, ranks: hosts.map((host) => ({ ...ended, host, isAlive: isAlive(host) })) };
  };

  return {
    examine: (reason) => {
      const aborted = reason.kind === 'rank-failed' ? abortedIn(readDecisions(platform.disk, run)) : undefined;
      const atMs = platform.clock.nowMs();
      // What cannot be seen is no reason to let ranks live on.
      if (aborted !== undefined) return inTurn(() => examine(aborted, atMs)).catch(() => undefined);
      if (reason.kind !== 'timeout' && reason.kind !== 'stalled') return undefined;
      return inTurn(() => seeRanks(pictured())).catch(() => undefined);
    },
    picture: (unseen = new Map()) => inTurn(() => takePicture({ ...pictured(), unseen })),
  };
}

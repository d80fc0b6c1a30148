import type { Diagnosis, HangEvidence } from '../../shared/contracts/diagnosis.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import { DEFAULT_BARRIER_TIMEOUT_MS } from '../../shared/contracts/run-plan.ts';
import { waitingRanks } from '../../shared/platform/barrier/waiting-ranks.ts';
import { readHeartbeat } from '../../shared/platform/heartbeat/beat-file.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { spellBarrier, spellMs } from '../../shared/policy/diagnosis/clauses.ts';
import { diagnose } from '../../shared/policy/diagnosis/index.ts';
import { readRemains } from '../outcome/remains.ts';
import { firstArrivalMs, readArrivals } from './arrivals.ts';
import { gatherHangEvidence, type HangSources, type Sighting } from './hang-evidence.ts';
import { diagnosisLines, headLine, stateLines } from './hang-lines.ts';
import { type LiveLook, lookAtAll } from './live-look.ts';

/** A run that goes on, at one moment. */
export interface Picture {
  readonly evidence: HangEvidence;
  readonly diagnosis: Diagnosis;
  /** The barrier at which ranks waited did not open while it was looked why. Without that there is nothing to explain. */
  readonly isStill: boolean;
}

/** Whose picture is taken. */
export interface PictureSources extends Pick<HangSources, 'environment' | 'packageDirectory' | 'plan' | 'run' | 'ranks'> {
  readonly platform: Platform;
  /** Ranks that cannot be looked at from here, and why. */
  readonly unseen?: ReadonlyMap<number, LiveLook>;
}

/** Looks at the ranks that live and have not come to the barrier at which others wait; they go on. At most a second and a half. */
export async function takePicture({ platform, unseen = new Map(), ...sources }: PictureSources): Promise<Picture> {
  const { disk, clock } = platform;
  const { run, ranks, plan } = sources;
  const atMs = clock.nowMs();
  const waiting = waitingRanks(disk, run.barriers);
  const arrivals = waiting === undefined ? [] : readArrivals(disk, run.barriers, waiting.barrier.sequence);
  const present = ranks.filter(({ host, isAlive }) => isAlive === true && !unseen.has(host.rank));
  const away = present.filter(({ host }) => arrivals.every(({ rank }) => rank !== host.rank));
  const looks = await lookAtAll(
    platform,
    run,
    away.map(({ host }) => host),
    sources.packageDirectory,
  );
  const barrier = waiting === undefined ? null : barrierOf(waiting.barrier, arrivals);
  const here = arrivals.map(({ rank }) => rank);
  const sinceMs = barrier === null ? atMs : (firstArrivalMs(disk, run.barriers, { ...barrier, arrived: here }) ?? atMs);
  const heartbeats = new Map(
    ranks.map(({ host }) => [host.rank, readHeartbeat(disk, run, host.rank, { nowMs: atMs, livedMs: null })]),
  );
  const remains = readRemains(platform, run, plan.worldSize);
  const evidence = gatherHangEvidence({
    ...sources,
    disk,
    remains,
    host: platform.host,
    atMs,
    examination: { barrier, arrivals, atMs, sinceMs, looks: new Map([...unseen, ...looks]), heartbeats },
  });
  const isStill = waiting !== undefined && isSame(waiting, waitingRanks(disk, run.barriers));
  return { evidence, diagnosis: diagnose(evidence), isStill };
}

type Waiting = ReturnType<typeof waitingRanks>;

/** Nobody came, and it did not open. */
const isSame = (before: NonNullable<Waiting>, after: Waiting): boolean =>
  before.barrier.sequence === after?.barrier.sequence && before.ranks.length === after.ranks.length;

function barrierOf(
  { sequence, name }: NonNullable<Waiting>['barrier'],
  arrivals: Sighting['arrivals'],
): NonNullable<Sighting['barrier']> {
  const patience = arrivals.flatMap(({ timeoutMs }) => (typeof timeoutMs === 'number' ? [timeoutMs] : []));
  const timeoutMs = patience.length === 0 ? DEFAULT_BARRIER_TIMEOUT_MS : Math.min(...patience);
  return { sequence, name, reason: 'waiting', timeoutMs, arrivals };
}

/** The picture in words; at most 25 lines. */
export function pictureLines({ evidence, diagnosis, isStill }: Picture): readonly string[] {
  const { barrier } = evidence;
  if (barrier === null) return [headLine('RUNNING: no rank waits at a barrier'), ...stateLines(diagnosis.states)];
  const name = spellBarrier(barrier);
  if (!isStill) return [headLine(`RUNNING: ranks came to ${name} while they were looked at`), ...stateLines(diagnosis.states)];
  const here = barrier.arrivals.map(({ rank }) => rank);
  const missing = evidence.ranks.map(({ rank }) => rank).filter((rank) => !here.includes(rank));
  const since = `for ${spellMs(barrier.waitedMs)}, time-out ${spellMs(barrier.timeoutMs)}`;
  const who = `missing ${formatRanks(missing)} (arrived: ${formatRanks(here)})`;
  return [headLine(`WAITING at ${name} ${since}: ${who}`), ...diagnosisLines(diagnosis, evidence)];
}

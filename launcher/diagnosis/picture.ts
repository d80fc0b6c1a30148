import { type AbortedBarrier, abortedIn, type BarrierKey } from '../../shared/contracts/barrier.ts';
import type { Diagnosis, HangEvidence } from '../../shared/contracts/diagnosis.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import { DEFAULT_BARRIER_TIMEOUT_MS } from '../../shared/contracts/run-plan.ts';
import { waitingRanks } from '../../shared/platform/barrier/waiting-ranks.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { readHeartbeat } from '../../shared/platform/heartbeat/beat-file.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { spellBarrier, spellMs } from '../../shared/policy/diagnosis/clauses.ts';
import { diagnose } from '../../shared/policy/diagnosis/index.ts';
import { reachedEnd, readDecisions, readRemains } from '../outcome/remains.ts';
import { readArrivals, waitedAt } from './arrivals.ts';
import type { Examination } from './examination.ts';
import { gatherHangEvidence, type HangSources } from './hang-evidence.ts';
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

/** Looks at the ranks that live and have not come to the barrier at which others wait or have waited; they go on. At most a second and a half. */
export async function seeRanks({ platform, unseen = new Map(), ...sources }: PictureSources): Promise<Examination> {
  const { disk, clock } = platform;
  const { run, ranks } = sources;
  const atMs = clock.nowMs();
  const stuck = stuckBarrierIn(disk, run);
  const arrivals = stuck === undefined ? [] : readArrivals(disk, run.barriers, stuck.sequence);
  const present = ranks.filter(({ host, isAlive }) => isAlive === true && !unseen.has(host.rank));
  const away = present.filter(({ host }) => arrivals.every(({ rank }) => rank !== host.rank));
  const looks = await lookAtAll(
    { ...sources, platform },
    away.map(({ host }) => host),
  );
  const barrier =
    stuck === undefined ? null : 'outcome' in stuck ? stuck : (givenUp(disk, run, stuck) ?? barrierOf(stuck, arrivals));
  const here = barrier === null ? [] : barrier.arrivals.map(({ rank }) => rank);
  const waitedMs = barrier === null ? 0 : waitedAt(disk, run.barriers, { ...barrier, arrived: here }, atMs);
  const heartbeats = new Map(
    ranks.map(({ host }) => [host.rank, readHeartbeat(disk, run, host.rank, { nowMs: atMs, livedMs: null })]),
  );
  return { barrier, arrivals, atMs, waitedMs, looks: new Map([...unseen, ...looks]), heartbeats };
}

/** The one that ranks have given up, or else at which they wait. */
const stuckBarrierIn = (disk: Disk, run: RunDirectory): AbortedBarrier | BarrierKey | undefined =>
  abortedIn(readDecisions(disk, run)) ?? waitingRanks(disk, run.barriers)?.barrier;

/** It may have been given up while its ranks were looked at: nobody came. */
function givenUp(disk: Disk, run: RunDirectory, { sequence }: BarrierKey): AbortedBarrier | undefined {
  const aborted = abortedIn(readDecisions(disk, run));
  return aborted?.sequence === sequence ? aborted : undefined;
}

/** Looks at the ranks, and says what is to be said of it; they go on. */
export async function takePicture(sources: PictureSources): Promise<Picture> {
  const { platform, run, plan, ranks } = sources;
  const { disk, host } = platform;
  const examination = await seeRanks(sources);
  const before = examination.barrier;
  const remains = readRemains(platform, run, plan.worldSize);
  const evidence = gatherHangEvidence({
    ...sources,
    ...{ disk, remains, host, examination, atMs: examination.atMs },
    // Who has come to its end keeps nobody waiting.
    ranks: before === null ? ranks.filter((rank) => rank.isAlive === true || !reachedEnd({ disk }, run, rank.host.rank)) : ranks,
  });
  const isStill =
    before !== null && (before.reason !== 'waiting' || isSame(before, examination.arrivals, waitingRanks(disk, run.barriers)));
  return { evidence, diagnosis: judge(evidence), isStill };
}

/** After so long, or a quarter of the time-out, a wait is worth a verdict; milliseconds. */
const RIPE_MS = 1000;

/** Diagnoses what goes on: before a wait is ripe, whoever has not come is merely later than others. */
export function judge(evidence: HangEvidence): Diagnosis {
  const { barrier } = evidence;
  const diagnosis = diagnose(evidence);
  const isRipe = barrier !== null && (barrier.why !== 'waiting' || barrier.waitedMs >= Math.min(RIPE_MS, barrier.timeoutMs / 4));
  if (isRipe) return diagnosis;
  const says =
    barrier === null
      ? 'no rank waits at a barrier, so none is late'
      : `after ${spellMs(barrier.waitedMs)} nobody can say that a rank is stuck`;
  const hint = 'Allow more time, or look at what the ranks were doing.';
  const whyNot = barrier === null ? [] : diagnosis.verdict.whyNot;
  return { ...diagnosis, verdict: { class: 'unknown', says, evidence: [], whyNot, hint }, alsoAffected: [] };
}

/** Nobody came, and it did not open. */
const isSame = (before: BarrierKey, arrivals: Examination['arrivals'], after: ReturnType<typeof waitingRanks>): boolean =>
  before.sequence === after?.barrier.sequence && arrivals.length === after.ranks.length;

function barrierOf({ sequence, name }: BarrierKey, arrivals: Examination['arrivals']): NonNullable<Examination['barrier']> {
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
  if (barrier.why !== 'waiting') {
    const says = `HANG: ${name} was given up: missing ${formatRanks(missing)} (arrived: ${formatRanks(here)})`;
    return [headLine(says), ...diagnosisLines(diagnosis, evidence)];
  }
  const since = `for ${spellMs(barrier.waitedMs)}, time-out ${spellMs(barrier.timeoutMs)}`;
  const who = `missing ${formatRanks(missing)} (arrived: ${formatRanks(here)})`;
  return [headLine(`WAITING at ${name} ${since}: ${who}`), ...diagnosisLines(diagnosis, evidence)];
}

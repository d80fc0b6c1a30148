import { type AbortRecord, abortedIn } from '../../shared/contracts/barrier.ts';
import type { Diagnosis, HangEvidence } from '../../shared/contracts/diagnosis.ts';
import { startIn } from '../../shared/contracts/journal.ts';
import type { JsonObject } from '../../shared/contracts/json.ts';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { diagnose } from '../../shared/policy/diagnosis/index.ts';
import { gatherHangEvidence, type KnownRank } from '../diagnosis/hang-evidence.ts';
import { unseenLook } from '../diagnosis/live-look.ts';
import { type Picture, takePicture } from '../diagnosis/picture.ts';
import { readDecisions, readRemains } from '../outcome/remains.ts';
import { type LeftFiles, readLeftFiles } from './left-files.ts';
import { type RankCondition, rankConditions } from './rank-conditions.ts';
import { type TimelineBarrier, timelineOf } from './timeline.ts';

/** What can be said of a run from its directory. */
export interface Inspection {
  readonly runDirectory: string;
  readonly runId: string;
  readonly attempt: string;
  readonly worldSize: number;
  /** `left`: no rank runs here any more, and nobody has written a report. */
  readonly state: 'ended' | 'running' | 'left';
  readonly plan: JsonObject | null;
  readonly report: RunReport | null;
  readonly ranks: readonly RankCondition[];
  readonly barriers: readonly TimelineBarrier[];
  /** The barrier that was given up, if one was. */
  readonly aborted: AbortRecord | null;
  /** What is known of the barrier that has not opened; null where none waits. */
  readonly evidence: HangEvidence | null;
  readonly diagnosis: Diagnosis | null;
  /** Of a run that goes on. */
  readonly picture: Picture | null;
  /** A sentence each. */
  readonly notRead: readonly string[];
}

/** Where a run is inspected. */
export interface InspectionSurroundings {
  readonly platform: Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly packageDirectory: string;
}

/** Explains a run from its directory alone; ranks that live are looked at, and go on. */
export async function inspectRun(surroundings: InspectionSurroundings, run: RunDirectory): Promise<Inspection> {
  const { platform } = surroundings;
  const left = readLeftFiles(platform.disk, run);
  const ranks = rankConditions(platform, left);
  const { runId, attempt, worldSize, plan, report, history, notRead } = left;
  const aborted = abortedIn(readDecisions(platform.disk, run)) ?? null;
  const state = report !== null ? 'ended' : ranks.some(({ kind }) => kind === 'alive') ? 'running' : 'left';
  const picture = state === 'running' ? await pictureOf(surroundings, run, left, ranks) : null;
  const explained = picture === null ? explain(surroundings, run, left, aborted) : explanationIn(picture);
  return {
    ...{ runDirectory: run.path, runId, attempt, worldSize, state, plan, report, ranks, aborted, picture, notRead },
    barriers: timelineOf(history),
    ...explained,
  };
}

type Explanation = Pick<Inspection, 'evidence' | 'diagnosis'>;

const explanationIn = ({ evidence, diagnosis, isStill }: Picture): Explanation => ({
  evidence,
  diagnosis: isStill ? diagnosis : null,
});

function pictureOf(
  { platform, environment, packageDirectory }: InspectionSurroundings,
  run: RunDirectory,
  { runId, worldSize }: LeftFiles,
  conditions: readonly RankCondition[],
): Promise<Picture> {
  const unseen = conditions.filter(({ kind }) => kind !== 'alive' && kind !== 'finished');
  return takePicture({
    ...{ platform, environment, packageDirectory, run, plan: { runId, worldSize } },
    ranks: conditions.map(({ rank, pid, kind }) => ({
      ...NOTHING_KNOWN,
      ...(kind === 'finished' ? { exitCode: 0 } : {}),
      host: { rank, pid },
      isAlive: kind !== 'finished',
    })),
    unseen: new Map(unseen.map(({ rank, says }) => [rank, unseenLook({ notSeen: says.replace(/^was not looked at: /, '') })])),
  });
}

const NOTHING_KNOWN: Omit<KnownRank, 'host'> = { exitCode: null, signal: null, startError: null, sent: [] };

/**
 * What the report says is what was seen while the ranks lived. Without one, only ranks that disagree can still be told from
 * what they left: of a rank that has ended since, nobody knows what kept it away.
 */
function explain(
  { platform, environment, packageDirectory }: InspectionSurroundings,
  run: RunDirectory,
  left: LeftFiles,
  aborted: AbortRecord | null,
): Explanation {
  const { runId, worldSize, history, report } = left;
  const failure = report?.failure ?? null;
  const barrier = failure?.kind === 'hang' ? failure.barrier : aborted;
  const isTold = barrier !== null || failure?.kind === 'hang' || failure?.kind === 'timeout';
  if (!isTold) return { evidence: null, diagnosis: report?.diagnosis ?? null };
  const remains = readRemains(platform, run, worldSize);
  // Where nobody waits at a barrier, who had ended by then is none of those that are told of.
  const isMeant = (rank: number): boolean =>
    barrier !== null || report?.diagnosis?.states.some(({ ranks }) => ranks.includes(rank)) !== false;
  const since = unseenLook({ notSeen: 'it has ended since' });
  const atMs = barrier === null ? lastRecordAtMs(left) : abortedAtMs(left, barrier);
  const arrivals = barrier?.arrivals ?? [];
  const evidence = gatherHangEvidence({
    ...{ disk: platform.disk, host: platform.host, environment, packageDirectory, run, plan: { runId, worldSize }, atMs },
    remains: { history, stderrTail: remains.stderrTail },
    examination: {
      ...{ barrier, arrivals, atMs, heartbeats: new Map() },
      waitedMs: Math.round(atMs - Math.min(atMs, ...arrivals.map(({ arrivedAtMs }) => arrivedAtMs))),
      looks: new Map(history.map((_, rank) => [rank, since])),
    },
    ranks: history.flatMap((_, rank) => (isMeant(rank) ? [knownRank(left, rank)] : [])),
  });
  const found = report?.diagnosis ?? (report === null && barrier?.reason === 'mismatch' ? diagnose(evidence) : null);
  return { evidence, diagnosis: found };
}

const lastRecordAtMs = ({ history }: LeftFiles): number =>
  Math.max(0, ...history.flatMap((journal) => journal.at(-1)?.atMs ?? []));

function abortedAtMs({ history }: LeftFiles, { sequence, arrivals, timeoutMs }: AbortRecord): number {
  const moments = history.flatMap((journal) =>
    journal.flatMap((event) => (event.type === 'barrier:aborted' && event.sequence === sequence ? [event.atMs] : [])),
  );
  return moments.length > 0 ? Math.min(...moments) : Math.max(0, ...arrivals.map(({ arrivedAtMs }) => arrivedAtMs)) + timeoutMs;
}

function knownRank({ report, history }: LeftFiles, rank: number): KnownRank {
  const outcome = report?.ranks.find((each) => each.rank === rank);
  const started = startIn(history[rank] ?? []);
  const pid = outcome?.pid ?? started?.pid ?? null;
  if (outcome === undefined) return { ...NOTHING_KNOWN, host: { rank, pid }, isAlive: true };
  const { exitCode = null, signal = null, endedByLauncher } = outcome;
  return { ...NOTHING_KNOWN, host: { rank, pid }, exitCode, signal, sent: endedByLauncher === true ? ['SIGTERM'] : [] };
}

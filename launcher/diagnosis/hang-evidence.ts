import { type ArrivalRecord, recordOf } from '../../shared/contracts/barrier.ts';
import type {
  CodePlace,
  EndEvidence,
  HangEvidence,
  JournalledBarrier,
  RankEvidence,
  StuckBarrier,
} from '../../shared/contracts/diagnosis.ts';
import type { SerializedError } from '../../shared/contracts/errors.ts';
import { type JournalEvent, startIn } from '../../shared/contracts/journal.ts';
import { isJsonObject } from '../../shared/contracts/json.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { poolSize } from '../../shared/platform/thread-pool.ts';
import { spellLeaving, spellPlace } from '../../shared/policy/diagnosis/clauses.ts';
import type { HostOutcome } from '../group/rank-group.ts';
import { outOfMemory, readLastReport } from '../outcome/out-of-memory.ts';
import { failureIn, type Remains } from '../outcome/remains.ts';
import type { RankHost } from '../rank-host.ts';
import { type CodeOwner, callSiteIn, codeOwner } from './code-owner.ts';
import type { Examination } from './examination.ts';
import { openSourceMaps, type SourceMaps } from './source-maps.ts';
import { placesIn } from './stack-text.ts';

/** What the evidence is gathered from. */
export interface HangSources {
  readonly disk: Disk;
  /** The launcher's. */
  readonly host: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly packageDirectory: string;
  readonly plan: Pick<RunPlan, 'runId' | 'worldSize'>;
  readonly run: RunDirectory;
  /** What was seen of a barrier; undefined when none was given up, and ranks ended by themselves. */
  readonly examination: Examination | undefined;
  /** The moment of the report: wall clock, milliseconds. */
  readonly atMs: number;
  /** In rank order. */
  readonly ranks: readonly KnownRank[];
  readonly remains: Pick<Remains, 'history' | 'stderrTail'>;
  /** How many the kernel has killed for want of memory since before the ranks were started; undefined where nobody knows. */
  readonly oomKillsSince?: number | undefined;
}

/** What is known of a rank's process. */
export interface KnownRank extends Pick<HostOutcome, 'exitCode' | 'signal' | 'startError' | 'sent'> {
  readonly host: Pick<RankHost, 'rank' | 'pid'>;
  /** It had not ended when it was looked at. */
  readonly isAlive?: boolean;
}

/** Everything that is known of ranks that did not go on together. Reads journals once, and nothing of live processes; writes nothing. */
export function gatherHangEvidence(sources: HangSources): HangEvidence {
  const { plan, run, environment, ranks, remains, examination } = sources;
  const { history } = remains;
  const maps = openSourceMaps(sources.disk);
  const evidence = ranks.map((outcome) => rankEvidence(sources, outcome, history[outcome.host.rank] ?? [], maps));
  return {
    runId: plan.runId,
    worldSize: plan.worldSize,
    runDirectory: run.path,
    barrier: examination === undefined ? null : stuckBarrier(examination, evidence),
    ranks: evidence,
    poolSize: poolSize(environment),
    launcherHost: sources.host,
  };
}

function stuckBarrier({ barrier, arrivals, waitedMs }: Examination, ranks: readonly RankEvidence[]): StuckBarrier | null {
  if (barrier === null) return null;
  // The decision has those that arrived in time; where ranks disagree, all that came say what the majority is.
  const counted = barrier.reason === 'mismatch' ? arrivals : barrier.arrivals;
  const siteOf = ({ rank }: ArrivalRecord): CodePlace | null => ranks[rank]?.barriers.at(-1)?.callSite ?? null;
  return {
    sequence: barrier.sequence,
    name: barrier.name,
    why: barrier.reason,
    waitedMs,
    timeoutMs: barrier.timeoutMs,
    arrivals: counted.map((arrival) => ({ ...recordOf(arrival), callSite: arrival.callSite ?? spelled(siteOf(arrival)) })),
    seenByLauncher: arrivals.map(({ rank }) => rank),
  };
}

const spelled = (place: CodePlace | null): string | null => (place === null ? null : spellPlace(place));

function rankEvidence(
  { disk, host: launcherHost, run, examination, atMs, remains, packageDirectory, oomKillsSince }: HangSources,
  outcome: KnownRank,
  journal: readonly JournalEvent[],
  maps: SourceMaps,
): RankEvidence {
  const { host, startError, sent, isAlive = false } = outcome;
  const { rank } = host;
  const error = failureIn(journal) ?? carriedFrom(rank, remains.history) ?? null;
  const gaveUp = error?.code.startsWith('CKPT_BARRIER_') === true;
  const look = examination?.looks.get(rank);
  const places = error === null ? [] : placesIn(error, maps);
  const seenAtMs = examination?.atMs ?? atMs;
  const lastReport = readLastReport(disk, run.lastReport(rank));
  const started = startIn(journal);
  const isAway = started !== undefined && started.host !== launcherHost;
  const unseen = isAway ? `it runs on ${started.host}` : 'it was not looked at';
  const notSeen = { notSeen: look === undefined && gaveUp ? 'it had arrived' : unseen };
  // Of a rank on another host its journal knows the process.
  const pid = host.pid ?? (isAway ? started.pid : null);
  return {
    rank,
    pid,
    host: started?.host ?? null,
    startError: startError?.message ?? null,
    // Who gave a barrier up lived, and so did who was told to end.
    end:
      isAlive || gaveUp || sent.length > 0 || pid === null
        ? null
        : endOf(outcome, { stderrTail: remains.stderrTail(rank), lastReport, oomKillsSince }),
    error: gaveUp ? null : error,
    thrownAt: gaveUp || error === null ? null : thrownAt(error, places, codeOwner(packageDirectory)),
    worldSize: started?.worldSize ?? null,
    barriers: barriersIn(journal, seenAtMs, callSiteIn(packageDirectory, places) ?? null),
    lastRecord: lastRecord(journal, seenAtMs),
    gotOnAgoMs: examination?.barrier?.gettingOn?.find((each) => each.rank === rank)?.agoMs ?? null,
    processes: look?.processes ?? notSeen,
    loop: look?.loop ?? notSeen,
    heartbeat: examination?.heartbeats.get(rank) ?? notSeen,
    clockSkewMs: skewOf(journal, disk.changedAtMs(run.journal(rank))),
    lock: look?.lock ?? null,
  };
}

/** What others heard at a barrier that a rank has thrown, which may have been told to end before it could say so itself. */
const carriedFrom = (rank: number, history: Remains['history']): SerializedError | undefined =>
  history
    .flatMap((journal) => failureIn(journal) ?? [])
    .find(({ evidence }) => isJsonObject(evidence) && evidence['rank'] === rank);

/** Nearest to the user first. What is wrong with a file of theirs is at no place of ours. */
function thrownAt(
  { code }: SerializedError,
  places: readonly CodePlace[],
  ownerOf: ReturnType<typeof codeOwner>,
): CodePlace | null {
  const ownedBy = (owner: CodeOwner): CodePlace | undefined => places.find((place) => ownerOf(place) === owner);
  const ours = code.endsWith('_INVALID') ? undefined : ownedBy('ckpt-run');
  return ownedBy('user') ?? ownedBy('package') ?? ours ?? null;
}

interface LastWords {
  readonly stderrTail: readonly string[];
  readonly lastReport: EndEvidence['outOfMemory'];
  readonly oomKillsSince: number | undefined;
}

const endOf = ({ exitCode, signal, sent }: KnownRank, { stderrTail, lastReport, oomKillsSince }: LastWords): EndEvidence => ({
  exitCode,
  signal,
  outOfMemory: lastReport ?? outOfMemory({ exitCode, signal, stderrTail, wasKilled: sent.includes('SIGKILL'), oomKillsSince }),
  stderrTail,
});

const TOLD_BARRIERS = 5;

function barriersIn(journal: readonly JournalEvent[], atMs: number, callSite: CodePlace | null): readonly JournalledBarrier[] {
  const outcomes = { 'barrier:arrived': 'arrived', 'barrier:passed': 'passed', 'barrier:aborted': 'aborted' } as const;
  const told = journal.flatMap((event) => {
    if (event.type !== 'barrier:arrived' && event.type !== 'barrier:passed' && event.type !== 'barrier:aborted') return [];
    const { sequence, name } = event;
    return [{ sequence, name, outcome: outcomes[event.type], agoMs: Math.max(0, atMs - event.atMs), callSite: null }];
  });
  // Only of the last one it is known where it was called: the error says so.
  return told.slice(-TOLD_BARRIERS).map((each, index, { length }) => (index === length - 1 ? { ...each, callSite } : each));
}

function lastRecord(journal: readonly JournalEvent[], atMs: number): RankEvidence['lastRecord'] {
  const last = journal.findLast(({ type }) => !['rank:failed', 'barrier:aborted'].includes(type));
  return last === undefined ? null : { what: describe(last), agoMs: Math.max(0, atMs - last.atMs) };
}

function describe(event: JournalEvent): string {
  if (event.type === 'rank:left') return spellLeaving(event);
  const name = event.type.replace(':', ' ');
  if ('sequence' in event) return `${name} #${event.sequence} ${JSON.stringify(event.name)}`;
  if (event.type === 'fault:injected') return `${name} ${event.fault.kind}`;
  return 'step' in event ? `${name} ${event.step}` : name;
}

/** What a rank says of the time, against what the file system wrote down of the same moment. */
function skewOf(journal: readonly JournalEvent[], changedAtMs: number | undefined): number | null {
  const last = journal.at(-1);
  return last === undefined || changedAtMs === undefined ? null : Math.round(last.atMs - changedAtMs);
}

import { isSeen, type LoopEvidence, type NotSeen, type RankEvidence } from '../../shared/contracts/diagnosis.ts';
import type { RankSample } from '../../shared/contracts/process-sample.ts';
import { timeLimit } from '../../shared/platform/inspector/time-limit.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { sampleProcess } from '../../shared/platform/process/process-sample.ts';
import { useOf } from '../../shared/platform/process/process-use.ts';
import { processState } from '../../shared/platform/process-identity.ts';
import { besidesProcess } from '../../shared/platform/rank-counters.ts';
import { announceVisit } from '../../shared/platform/rank-visits.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { askWhatItDoes } from './doing-answer.ts';
import { gatherLoop } from './loop-evidence.ts';
import { openSourceMaps } from './source-maps.ts';

/** What was seen of a rank that lives. */
export interface LiveLook {
  readonly processes: readonly RankSample[] | NotSeen;
  readonly loop: LoopEvidence | NotSeen;
  readonly lock: RankEvidence['lock'];
}

/** What is known of a rank that cannot be looked at. */
export const unseenLook = (why: NotSeen): LiveLook => ({ processes: why, loop: why, lock: null });

/** To find functions is some 80 ms of work for a rank: on a busy machine, several times that. */
const SAMPLES = { samples: 2, apartMs: 300, limitMs: 1100, placesMs: 1000 } as const;

/** So many ranks are asked at a time; one that hangs is as good as another. */
const MOST_VISITS = 16;
const NOT_VISITED = { notSeen: `${MOST_VISITS} other ranks were asked` };

/** For a look at the processes of all ranks, however many there are. */
const SURVEY_MS = 250;
const NO_TIME = { notSeen: 'there are too many ranks to look at in time' };

/** Whose ranks are looked at, and where our own sources are. */
export interface LookedAtRun {
  readonly platform: Platform;
  readonly run: RunDirectory;
  readonly packageDirectory: string;
}

interface LiveRank {
  readonly rank: number;
  readonly pid: number;
}

/**
 * Looks at ranks, all at the same time: twice at the process of each, and then at the event loops of the first. At most a second
 * and a half, or as long again as somebody else's look takes, or a second more where an answer comes late. Never throws.
 */
export async function lookAtAll(
  { platform, run, packageDirectory }: LookedAtRun,
  ranks: readonly { readonly rank: number; readonly pid: number | null }[],
): Promise<ReadonlyMap<number, LiveLook>> {
  const live = ranks.flatMap(({ rank, pid }) => (pid === null ? [] : [{ rank, pid }]));
  const maps = openSourceMaps(platform.disk);
  const enquiry = { ...SAMPLES, ...askWhatItDoes(maps, packageDirectory) };
  const starts = live.map(({ pid }) => processState(platform, pid)?.startTicks);
  const before = survey(platform, run, live);
  await timeLimit(platform.clock, SAMPLES.apartMs).pause(SAMPLES.apartMs);
  // Before the loops are asked: answering makes a process read and write.
  const after = survey(platform, run, live);
  const looks = live.map(async ({ rank, pid }, index): Promise<readonly [number, LiveLook]> => {
    const sampled = { pid, startTicks: starts[index] ?? 0, visits: run.visits(rank) };
    const visit = (): Promise<LoopEvidence | NotSeen> => gatherLoop(platform, sampled, enquiry, maps);
    const loop = index < MOST_VISITS ? await announced(platform, run, { rank, pid }, visit) : NOT_VISITED;
    return [rank, { loop, lock: lockOf(platform, loop), processes: bothOf(before[index], after[index]) }];
  });
  return new Map(await Promise.all(looks));
}

/** One after the other, and as many as there is time for; at each process for as long as it takes. */
function survey(platform: Platform, run: RunDirectory, ranks: readonly LiveRank[]): readonly (RankSample | NotSeen)[] {
  const limit = timeLimit(platform.clock, SURVEY_MS);
  return ranks.map(({ rank, pid }) => {
    const process = limit.leftMs() > 0 ? sampleProcess(platform, pid) : NO_TIME;
    return isSeen(process) ? { ...process, ...besidesProcess(platform.disk, run, rank) } : process;
  });
}

function bothOf(before: RankSample | NotSeen = NO_TIME, after: RankSample | NotSeen = NO_TIME): LiveLook['processes'] {
  if (!isSeen(before)) return before;
  return isSeen(after) ? [before, after] : after;
}

/** What a visit makes a rank read and write is no progress of its own. */
async function announced<T>(platform: Platform, run: RunDirectory, { rank, pid }: LiveRank, visit: () => Promise<T>): Promise<T> {
  const leave = announceVisit(platform, run, rank, () => {
    const use = useOf(platform.disk, pid);
    return (use?.readBytes ?? 0) + (use?.writtenBytes ?? 0);
  });
  try {
    return await visit();
  } finally {
    leave();
  }
}

function lockOf(platform: Platform, loop: LoopEvidence | NotSeen): RankEvidence['lock'] {
  const lock = isSeen(loop) && loop.kind === 'idle' ? loop.doing.findLast((each) => each.lock !== undefined)?.lock : undefined;
  if (lock === undefined) return null;
  const { path, holder, holderPid } = lock;
  const letter = holderPid === null ? undefined : (processState(platform, holderPid)?.letter ?? 'X');
  return { path, holder, holderIsAlive: letter === undefined ? null : letter !== 'X' && letter !== 'Z' };
}

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
import { openSourceMaps, type SourceMaps } from './source-maps.ts';

/** What was seen of a rank that lives. */
export interface LiveLook {
  readonly processes: readonly RankSample[] | NotSeen;
  readonly loop: LoopEvidence | NotSeen;
  readonly lock: RankEvidence['lock'];
}

const SAMPLES = { samples: 2, apartMs: 300, limitMs: 1100 } as const;

/** So many ranks are looked at; one that hangs is as good as another. */
const MOST_LOOKS = 16;

/** Looks at the first of some ranks, all at the same time. Never throws. */
export async function lookAtAll(
  platform: Platform,
  run: RunDirectory,
  ranks: readonly { readonly rank: number; readonly pid: number | null }[],
  packageDirectory: string,
): Promise<ReadonlyMap<number, LiveLook>> {
  const maps = openSourceMaps(platform.disk);
  const looks = ranks
    .slice(0, MOST_LOOKS)
    .flatMap(({ rank, pid }) =>
      pid === null ? [] : [{ rank, look: lookAt(platform, run, { rank, pid }, maps, packageDirectory) }],
    );
  return new Map(await Promise.all(looks.map(async ({ rank, look }) => [rank, await look] as const)));
}

/** Two looks at a process, and then one at its event loop; at most a second and a half. Never throws. */
async function lookAt(
  platform: Platform,
  run: RunDirectory,
  { rank, pid }: { readonly rank: number; readonly pid: number },
  maps: SourceMaps,
  packageDirectory: string,
): Promise<LiveLook> {
  const sample = (): RankSample | NotSeen => {
    const process = sampleProcess(platform, pid);
    return isSeen(process) ? { ...process, ...besidesProcess(platform.disk, run, rank) } : process;
  };
  const before = sample();
  await timeLimit(platform.clock, SAMPLES.apartMs).pause(SAMPLES.apartMs);
  const after = sample();
  const leave = announceVisit(platform.disk, run, rank, () => {
    const use = useOf(platform.disk, pid);
    return (use?.readBytes ?? 0) + (use?.writtenBytes ?? 0);
  });
  const loop = await gatherLoop(platform, pid, { ...SAMPLES, ...askWhatItDoes(maps, packageDirectory) }, maps);
  leave();
  return { loop, lock: lockOf(platform, loop), processes: !isSeen(before) ? before : !isSeen(after) ? after : [before, after] };
}

function lockOf(platform: Platform, loop: LoopEvidence | NotSeen): RankEvidence['lock'] {
  const lock = isSeen(loop) && loop.kind === 'idle' ? loop.doing.findLast((each) => each.lock !== undefined)?.lock : undefined;
  if (lock === undefined) return null;
  const { path, holder, holderPid } = lock;
  const letter = holderPid === null ? undefined : (processState(platform, holderPid)?.letter ?? 'X');
  return { path, holder, holderIsAlive: letter === undefined ? null : letter !== 'X' && letter !== 'Z' };
}

import { isSeen } from '../../shared/contracts/diagnosis.ts';
import type { ProgramRankLook } from '../../shared/contracts/program-hang.ts';
import type { SeenStacks } from '../../shared/contracts/stacks.ts';
import { waitingRanks } from '../../shared/platform/barrier/waiting-ranks.ts';
import { timeLimit } from '../../shared/platform/inspector/time-limit.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { sampleProcess } from '../../shared/platform/process/process-sample.ts';
import { processState } from '../../shared/platform/process-identity.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { searchPath } from '../../shared/platform/stacks/run-tool.ts';
import { type Descendant, seeDescendants } from '../../shared/platform/stacks/see-family.ts';
import { type StackOptions, seeStacks } from '../../shared/platform/stacks/see-stacks.ts';
import { openSourceMaps } from '../diagnosis/source-maps.ts';

/** Whose ranks are looked at. */
export interface LookedAtProgram {
  readonly platform: Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly run: RunDirectory;
  readonly nativeStacks: boolean;
}

/** A rank of it. */
export type LookedAtRank = Pick<ProgramRankLook, 'rank' | 'pid' | 'end'>;

/** How often each rank is looked at. */
export const LOOKS = 2;
const APART_MS = 1000;
const LIMIT_MS = 2000;
/** So many ranks are asked at a time. */
const AT_A_TIME = 16;

const NO_PROCESS = { notSeen: 'it has no process' };

/** Looks twice at the ranks of a program, a second apart; they go on. Never throws. */
export async function lookAtRanks(program: LookedAtProgram, ranks: readonly LookedAtRank[]): Promise<readonly ProgramRankLook[]> {
  const { platform, run } = program;
  const waiting = waitingRanks(platform.disk, run.barriers);
  const first = await stacksOfAll(program, ranks);
  await timeLimit(platform.clock, APART_MS).pause(APART_MS);
  const last = await stacksOfAll(program, ranks);
  return ranks.map(({ rank, pid, end }, index): ProgramRankLook => {
    const sample = pid === null || end !== null ? NO_PROCESS : sampleProcess(platform, pid);
    const moment = isSeen(sample) ? { state: sample.state, call: sample.threads[0]?.call ?? null } : sample;
    const { stacks: earlier = NO_PROCESS } = first[index] ?? {};
    const { stacks: later = NO_PROCESS, family = [] } = last[index] ?? {};
    const barrier = waiting?.ranks.includes(rank) === true ? waiting.barrier.name : null;
    return { rank, pid, end, moment, stacks: [earlier, later], children: family, barrier };
  });
}

interface SeenRank {
  readonly stacks: SeenStacks;
  readonly family: readonly Descendant[];
}

async function stacksOfAll(program: LookedAtProgram, ranks: readonly LookedAtRank[]): Promise<readonly SeenRank[]> {
  const seen: SeenRank[] = [];
  for (let first = 0; first < ranks.length; first += AT_A_TIME)
    seen.push(...(await Promise.all(ranks.slice(first, first + AT_A_TIME).map((rank) => stacksOf(program, rank)))));
  return seen;
}

/** Of a shell that has started one program whose stacks are seen, those of that program. */
async function stacksOf(program: LookedAtProgram, { rank, pid, end }: LookedAtRank): Promise<SeenRank> {
  const { platform, environment, run, nativeStacks } = program;
  const startTicks = pid === null || end !== null ? undefined : processState(platform, pid)?.startTicks;
  if (pid === null || startTicks === undefined) return { stacks: NO_PROCESS, family: [] };
  const options: StackOptions = {
    ...{ nativeStacks, limitMs: LIMIT_MS, searchPath: searchPath(environment), visits: run.visits(rank) },
    mapFrame: openSourceMaps(platform.disk).mapFrame,
  };
  const [stacks, family] = await Promise.all([
    seeStacks(platform, { pid, startTicks }, options),
    seeDescendants(platform, pid, options).catch(() => []),
  ]);
  const [only, ...others] = isSeen(stacks) ? [] : family.filter((child) => isSeen(child.stacks));
  return { stacks: only === undefined || others.length > 0 ? stacks : only.stacks, family };
}

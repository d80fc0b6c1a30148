import { join } from 'node:path';
import type { ProgramHang, ProgramRankLook } from '../../shared/contracts/program-hang.ts';
import { useOf } from '../../shared/platform/process/process-use.ts';
import {
  type Activity,
  isRecordedBeside,
  type Quiet,
  quietAfter,
  quietBeyondLook,
} from '../../shared/policy/program-hang/quiet.ts';
import { hasMoved, staysInOneFunction } from '../../shared/policy/program-hang/rank-doing.ts';
import { diagnoseProgram } from '../../shared/policy/program-hang/verdict.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';
import type { ProgramAttempt } from './program-attempt.ts';
import { hangLines } from './program-hang-lines.ts';
import type { HangRules } from './program-request.ts';
import { LOOKS, type LookedAtRank, lookAtRanks } from './rank-looks.ts';

/** The ranks of one attempt on this node. */
export type WatchedAttempt = Pick<ProgramAttempt, 'places' | 'hosts' | 'group'>;

type Surroundings = Pick<LaunchSurroundings, 'platform' | 'environment' | 'tell'>;

/** In so many looks a rank may be in other lines of one function until that counts as a loop. */
const LOOPS = 3;
const LONGEST_PERIOD_MS = 1000;

/** Looks at the ranks now; they go on. Never rejects. */
export async function pictureOf(
  { platform, environment }: Surroundings,
  { places, hosts, group }: WatchedAttempt,
  nativeStacks: boolean,
): Promise<readonly ProgramRankLook[]> {
  const ends = new Map(group.outcomes().map(({ host, exitCode, signal }) => [host.rank, { exitCode, signal }]));
  const ranks = hosts.map((host): LookedAtRank => {
    const { rank, pid } = host;
    return { rank, pid, end: group.isAlive(host) ? null : (ends.get(rank) ?? { exitCode: null, signal: null }) };
  });
  return lookAtRanks({ platform, environment, run: places.run, nativeStacks }, ranks);
}

/** Watches ranks that say nothing of themselves: when nothing moves for as long as the rules allow, says who keeps the others. */
export function watchForHang(
  surroundings: Surroundings,
  attempt: WatchedAttempt,
  { timeoutMs, action, nativeStacks }: HangRules,
): void {
  const { platform, tell } = surroundings;
  const { clock, disk } = platform;
  const { places, hosts, group } = attempt;
  const periodMs = Math.min(LONGEST_PERIOD_MS, timeoutMs / 4);
  const againMs = Math.max(LONGEST_PERIOD_MS, timeoutMs / 4);
  let quiet: Quiet | undefined;
  let loops = 0;
  let reported: string | undefined;
  let cancel: (() => void) | undefined;

  const activity = (): Activity => ({
    atMs: clock.monotonicMs(),
    recordedBytes: hosts.map(({ rank }, localRank) => {
      const logs = ['stdout.log', 'stderr.log'].map((name) => join(places.logs(localRank), name));
      return [...logs, places.run.journal(rank)].reduce((bytes, path) => bytes + disk.sizeOf(path), 0);
    }),
    transferredBytes: hosts.map((host) => {
      const use = host.pid === null || !group.isAlive(host) ? undefined : useOf(disk, host.pid);
      return (use?.readBytes ?? 0) + (use?.writtenBytes ?? 0);
    }),
  });

  const look = async (): Promise<number> => {
    quiet = quietAfter(quiet, activity());
    const quietMs = clock.monotonicMs() - quiet.since.atMs;
    if (quietMs < timeoutMs) {
      loops = 0;
      return periodMs;
    }
    const before = activity();
    const looks = await pictureOf(surroundings, attempt, nativeStacks);
    const after = activity();
    if (isRecordedBeside(before, after, LOOKS)) return periodMs;
    quiet = quietBeyondLook(quiet, after);
    const moved = looks.filter(hasMoved);
    loops = moved.length > 0 && moved.every(staysInOneFunction) ? loops + 1 : 0;
    if (moved.length > 0 && loops < LOOPS) return againMs;
    found(diagnoseProgram(looks, quietMs));
    return againMs;
  };

  const found = (hang: ProgramHang): void => {
    if (action === 'end') {
      group.stop({ kind: 'hung', hang });
      return;
    }
    const picture = JSON.stringify([hang.verdict, hang.classes]);
    if (picture !== reported) tell(warning(hangLines(hang, process.cwd()).join('\n')));
    reported = picture;
  };

  const next = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      if (!hosts.some(group.isAlive)) return;
      // What cannot be looked at now may be the next time.
      void look().then(next, () => next(againMs));
    });
  };

  next(periodMs);
  void group.ended.then(() => cancel?.());
}

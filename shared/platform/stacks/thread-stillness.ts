import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { threadIdsOf } from '../process/process-use.ts';
import { sampleThread } from '../process/thread-sample.ts';
import { aboutProcess } from '../process-facts.ts';

const APART_MS = 25;

/** Which threads of a process sleep, and have slept all the time for a moment. */
export interface Stillness {
  readonly main: boolean;
  /** All but the main one. */
  readonly others: boolean;
}

/** Looks twice. A thread that only comes back to its epoll, as those of gloo do, counts as one that sleeps. */
export async function stillnessOf(disk: Disk, clock: Clock, pid: number): Promise<Stillness> {
  const before = new Map(sleepsOf(disk, pid));
  await new Promise<void>((resolve) => clock.after(APART_MS, resolve));
  const after = sleepsOf(disk, pid);
  const isStill = ([tid, sleep]: readonly [number, string | undefined]): boolean =>
    sleep !== undefined && before.get(tid) === sleep;
  return {
    main: after.filter(([tid]) => tid === pid).every(isStill),
    others: after.filter(([tid]) => tid !== pid).every(isStill),
  };
}

/** By thread: what tells its sleep from its next one; undefined while it runs. */
const sleepsOf = (disk: Disk, pid: number): readonly (readonly [number, string | undefined])[] =>
  threadIdsOf(disk, pid).map((tid) => [tid, sleepOf(disk, pid, tid)]);

function sleepOf(disk: Disk, pid: number, tid: number): string | undefined {
  const thread = sampleThread(disk, pid, tid);
  if (thread?.state !== 'S') return undefined;
  if (tid !== pid && thread.call?.name.startsWith('epoll') === true) return 'epoll';
  return /^voluntary_ctxt_switches:\t(\d+)/m.exec(aboutProcess(disk, pid, `task/${tid}/status`) ?? '')?.[1];
}

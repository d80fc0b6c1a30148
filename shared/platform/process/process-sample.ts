import type { NotSeen } from '../../contracts/diagnosis.ts';
import type { ProcessCounters, ProcessSample, ThreadSample } from '../../contracts/process-sample.ts';
import type { Disk } from '../disk.ts';
import type { Platform } from '../platform.ts';
import { aboutProcess } from '../process-facts.ts';
import { childrenOf, cpuMsIn, threadIdsOf, useOf } from './process-use.ts';
import { isAddressSpaceLocked, sampleThread, withPaths } from './thread-sample.ts';

/**
 * A process at this moment, as /proc shows it. Only reads that return at once, whatever the process is stuck in: nothing of
 * what it is blocked on is opened.
 */
export function sampleProcess({ disk, clock }: Pick<Platform, 'disk' | 'clock'>, pid: number): ProcessSample | NotSeen {
  const status = aboutProcess(disk, pid, 'status');
  const use = useOf(disk, pid);
  if (use === undefined || status === undefined) return { notSeen: whyNot(disk) };
  const threads = threadsOf(disk, pid);
  const [main] = threads;
  if (main === undefined) return { notSeen: 'it has ended' };
  return {
    atMs: clock.monotonicMs(),
    state: main.state,
    threads: withPaths(disk, pid, threads),
    ...use,
    children: childrenOf(disk, pid).flatMap((child) => {
      const command = commandOf(disk, child);
      return command === undefined ? [] : [{ pid: child, command }];
    }),
    tracerPid: Number(/^TracerPid:\t(\d+)/m.exec(status)?.[1] ?? 0),
  };
}

/** What a process has used so far: a few small files. */
export function countProcess({ disk, clock }: Pick<Platform, 'disk' | 'clock'>, pid: number): ProcessCounters | NotSeen {
  const use = useOf(disk, pid);
  return use === undefined ? { notSeen: whyNot(disk) } : { atMs: clock.monotonicMs(), ...use };
}

/** CPU time of all threads of a process alone so far, milliseconds; 0 where /proc does not say. */
export const cpuMsOf = (disk: Disk, pid: number): number => cpuMsIn(aboutProcess(disk, pid, 'stat') ?? '');

const whyNot = (disk: Disk): string =>
  aboutProcess(disk, 'self', 'stat') === undefined ? 'this system has no /proc' : 'it has ended';

/** The main thread first, the others in the order in which they were started; those that end meanwhile are left out. */
export function threadsOf(disk: Disk, pid: number): readonly ThreadSample[] {
  const others = threadIdsOf(disk, pid).filter((tid) => tid !== pid);
  const main = sampleThread(disk, pid, pid);
  return main === undefined ? [] : [main, ...others.flatMap((tid) => sampleThread(disk, pid, tid) ?? [])];
}

/** The arguments of a process, blanks between them; its name where they cannot be read. */
export function commandOf(disk: Disk, pid: number): string | undefined {
  const main = sampleThread(disk, pid, pid);
  if (main === undefined || main.state === 'Z') return undefined;
  const line = isAddressSpaceLocked([main]) ? undefined : aboutProcess(disk, pid, 'cmdline');
  return line?.replace(/\0+$/, '').replaceAll('\0', ' ') || aboutProcess(disk, pid, 'comm')?.trimEnd();
}

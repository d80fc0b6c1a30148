import type { NotSeen, ProcessCounters, ProcessSample, ThreadSample } from '../../contracts/diagnosis.ts';
import type { Disk } from '../disk.ts';
import type { Platform } from '../platform.ts';
import { aboutProcess, statFields } from '../process-facts.ts';
import { isAddressSpaceLocked, sampleThread, withPaths } from './thread-sample.ts';

/** /proc counts CPU time in hundredths of a second, whatever the kernel's own clock. */
const TICK_MS = 10;

/**
 * A process at this moment, as /proc shows it. Only reads that return at once, whatever the process is stuck in: nothing of
 * what it is blocked on is opened.
 */
export function sampleProcess({ disk, clock }: Pick<Platform, 'disk' | 'clock'>, pid: number): ProcessSample | NotSeen {
  const stat = aboutProcess(disk, pid, 'stat');
  const status = aboutProcess(disk, pid, 'status');
  if (stat === undefined || status === undefined) return { notSeen: whyNot(disk) };
  const threads = threadsOf(disk, pid);
  const [main] = threads;
  if (main === undefined) return { notSeen: 'it has ended' };
  return {
    atMs: clock.monotonicMs(),
    state: main.state,
    threads: withPaths(disk, pid, threads),
    cpuMs: cpuMsIn(stat),
    ...transferred(aboutProcess(disk, pid, 'io')),
    children: threads.flatMap(({ tid }) => childrenOf(disk, pid, tid)),
    tracerPid: Number(/^TracerPid:\t(\d+)/m.exec(status)?.[1] ?? 0),
  };
}

/** What a process has used so far: two small files, however many threads it has. */
export function countProcess({ disk, clock }: Pick<Platform, 'disk' | 'clock'>, pid: number): ProcessCounters | NotSeen {
  const stat = aboutProcess(disk, pid, 'stat');
  if (stat === undefined || /^[ZX]$/.test(statFields(stat)[0] ?? '')) return { notSeen: whyNot(disk) };
  return { atMs: clock.monotonicMs(), cpuMs: cpuMsIn(stat), ...transferred(aboutProcess(disk, pid, 'io')) };
}

/** CPU time of all threads of a process so far, milliseconds; 0 where /proc does not say. */
export const cpuMsOf = (disk: Disk, pid: number): number => cpuMsIn(aboutProcess(disk, pid, 'stat') ?? '');

function cpuMsIn(stat: string): number {
  const [user = 0, system = 0] = statFields(stat).slice(11, 13).map(Number);
  return (user + system) * TICK_MS;
}

const whyNot = (disk: Disk): string =>
  aboutProcess(disk, 'self', 'stat') === undefined ? 'this system has no /proc' : 'it has ended';

/** The main thread first, the others in the order in which they were started; those that end meanwhile are left out. */
export function threadsOf(disk: Disk, pid: number): readonly ThreadSample[] {
  const others = namesIn(disk, `/proc/${pid}/task`)
    .map(Number)
    .filter((tid) => tid !== pid)
    .sort((a, b) => a - b);
  const main = sampleThread(disk, pid, pid);
  return main === undefined ? [] : [main, ...others.flatMap((tid) => sampleThread(disk, pid, tid) ?? [])];
}

/** Bytes that went through read(2), write(2) and their like, be it from memory; null where it is not permitted to see them. */
function transferred(io: string | undefined): Pick<ProcessSample, 'readBytes' | 'writtenBytes'> {
  const counter = (name: string): number | null => {
    const value = new RegExp(`^${name}: (\\d+)$`, 'm').exec(io ?? '')?.[1];
    return value === undefined ? null : Number(value);
  };
  return { readBytes: counter('rchar'), writtenBytes: counter('wchar') };
}

/** Those that a thread has started and that have not ended. */
const childrenOf = (disk: Disk, pid: number, tid: number): ProcessSample['children'] =>
  (aboutProcess(disk, pid, `task/${tid}/children`) ?? '')
    .split(' ')
    .filter((name) => name !== '')
    .map(Number)
    .flatMap((child) => {
      const command = commandOf(disk, child);
      return command === undefined ? [] : [{ pid: child, command }];
    });

/** Its arguments, blanks between them; its name where they cannot be read. */
function commandOf(disk: Disk, pid: number): string | undefined {
  const main = sampleThread(disk, pid, pid);
  if (main === undefined || main.state === 'Z') return undefined;
  const line = isAddressSpaceLocked([main]) ? undefined : aboutProcess(disk, pid, 'cmdline');
  return line?.replace(/\0+$/, '').replaceAll('\0', ' ') || aboutProcess(disk, pid, 'comm')?.trimEnd();
}

function namesIn(disk: Disk, directory: string): readonly string[] {
  try {
    return disk.list(directory);
  } catch {
    return [];
  }
}

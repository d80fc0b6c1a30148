import { resolve } from 'node:path';
import type { ThreadSample } from '../../contracts/process-sample.ts';
import type { Disk } from '../disk.ts';
import { aboutProcess, linkOfProcess, statFields } from '../process-facts.ts';
import { cpuMsIn } from './process-use.ts';
import { type FileArgument, systemCall } from './system-calls.ts';

/** PATH_MAX: no path that the kernel takes is longer. */
const LONGEST_PATH = 4096;

/**
 * Who reads a process's memory, or a command line, waits with it for the lock of its address space; nothing that needs the
 * lock is read while one of its threads waits for one of that kind.
 */
const WAITS_FOR_A_LOCK = /rwsem|mmap/;

/** A thread at this moment; undefined when it has ended. */
export function sampleThread(disk: Disk, pid: number, tid: number): ThreadSample | undefined {
  const stat = aboutProcess(disk, pid, `task/${tid}/stat`);
  if (stat === undefined) return undefined;
  const waitChannel = aboutProcess(disk, pid, `task/${tid}/wchan`) ?? '';
  return {
    tid,
    state: statFields(stat)[0] ?? '?',
    waitChannel: waitChannel === '' || waitChannel === '0' ? null : waitChannel,
    call: callOf(disk, pid, tid),
    cpuMs: cpuMsIn(stat),
  };
}

/** Whether reading a process's memory, or its command line, could make the reader wait. */
export const isAddressSpaceLocked = (threads: readonly ThreadSample[]): boolean =>
  threads.some(({ waitChannel }) => WAITS_FOR_A_LOCK.test(waitChannel ?? ''));

/** The threads, each with the path that it is stuck with where that can be read. */
export const withPaths = (disk: Disk, pid: number, threads: readonly ThreadSample[]): readonly ThreadSample[] =>
  isAddressSpaceLocked(threads) ? threads : threads.map((thread) => withPath(disk, pid, thread));

function callOf(disk: Disk, pid: number, tid: number): ThreadSample['call'] {
  const blocked = blockedCall(disk, pid, tid);
  return blocked === undefined ? null : { name: blocked.name, path: null };
}

function withPath(disk: Disk, pid: number, thread: ThreadSample): ThreadSample {
  const blocked = blockedCall(disk, pid, thread.tid);
  if (blocked === undefined || blocked.file === null || thread.call?.name !== blocked.name) return thread;
  const path = fileOf(disk, pid, blocked.file, blocked.arguments);
  // It may have gone on meanwhile, and what was read be something else.
  return blockedCall(disk, pid, thread.tid)?.line === blocked.line ? { ...thread, call: { name: blocked.name, path } } : thread;
}

interface BlockedCall {
  readonly line: string;
  readonly name: string;
  readonly file: FileArgument | null;
  readonly arguments: readonly bigint[];
}

/** Undefined for a thread that runs, one that sleeps outside of any system call, and where it is not permitted to see. */
function blockedCall(disk: Disk, pid: number, tid: number): BlockedCall | undefined {
  const line = aboutProcess(disk, pid, `task/${tid}/syscall`) ?? '';
  const found = /^(\d+)((?: 0x[0-9a-f]+){6,})/.exec(line);
  if (found === null) return undefined;
  const args = (found[2] ?? '').trim().split(' ').map(BigInt);
  return { line, ...systemCall(Number(found[1]), process.arch), arguments: args };
}

function fileOf(disk: Disk, pid: number, file: FileArgument, args: readonly bigint[]): string | null {
  if ('descriptor' in file) return openFile(disk, pid, args[file.descriptor]);
  const path = textAt(disk, pid, args[file.path] ?? 0n);
  const directory = file.path === 0 ? undefined : args[file.path - 1];
  if (path === undefined) return null;
  if (path === '') return openFile(disk, pid, directory);
  const base = isDescriptor(directory) ? openFile(disk, pid, directory) : linkOfProcess(disk, pid, 'cwd');
  return base === null || base === undefined ? path : resolve(base, path);
}

const openFile = (disk: Disk, pid: number, descriptor: bigint | undefined): string | null =>
  isDescriptor(descriptor) ? (linkOfProcess(disk, pid, `fd/${descriptor}`) ?? null) : null;

/** A descriptor is an int, and AT_FDCWD a negative one: its upper half may be anything. */
const isDescriptor = (argument: bigint | undefined): argument is bigint =>
  argument !== undefined && BigInt.asIntN(32, argument) >= 0n && argument < 1n << 31n;

/** The text in the memory of a process up to its NUL. */
function textAt(disk: Disk, pid: number, address: bigint): string | undefined {
  try {
    // The highest byte of an address is the program's own on arm64.
    const bytes = disk.readAt(`/proc/${pid}/mem`, Number(BigInt.asUintN(56, address)), LONGEST_PATH);
    const end = bytes.indexOf(0);
    return end === -1 ? undefined : bytes.toString('utf8', 0, end);
  } catch {
    return undefined;
  }
}

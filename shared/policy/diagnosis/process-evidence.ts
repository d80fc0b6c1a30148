import { isSeen, type NotSeen, type RankEvidence } from '../../contracts/diagnosis.ts';
import {
  PROGRESS_BYTES,
  type ProcessCounters,
  type RankCounters,
  type RankSample,
  type ThreadSample,
} from '../../contracts/process-sample.ts';
import { spellMs } from './clauses.ts';

/** The last look at a rank's process; undefined when there was none. */
export const lastSample = ({ processes }: RankEvidence): RankSample | undefined =>
  isSeen(processes) ? processes.at(-1) : undefined;

/** Whether it was stopped by a signal or held by a debugger then. */
export const isStopped = (rank: RankEvidence): boolean => /^[Tt]$/.test(lastSample(rank)?.state ?? '');

/** Whether something moved, in words; undefined when it cannot be told. CPU time is none: a loop for ever uses it, too. */
export interface Progress {
  readonly moved: boolean;
  /** Whether it was seen while it was looked for, and not only by the ranks that waited. */
  readonly isNow: boolean;
  readonly says: string;
}

/** What shows whether a rank gets on. */
export interface ProgressEvidence extends Pick<RankEvidence, 'lastRecord' | 'gotOnAgoMs'> {
  /** Oldest first. */
  readonly processes: readonly RankCounters[] | NotSeen;
}

/** Looks for progress between the first and the last look at a rank's process, and in what the waiting ranks saw of it. */
export function progressOf(rank: ProgressEvidence): Progress | undefined {
  const seen = progressNow(rank);
  if (rank.gotOnAgoMs === null || seen?.moved === true) return seen;
  return { moved: true, isNow: false, says: `it got on ${spellMs(rank.gotOnAgoMs)} before the barrier was given up` };
}

function progressNow({ processes, lastRecord }: ProgressEvidence): Progress | undefined {
  const [first, last] = isSeen(processes) ? [processes.at(0), processes.at(-1)] : [];
  if (first === undefined || last === undefined || !(last.atMs > first.atMs)) return undefined;
  const spanMs = last.atMs - first.atMs;
  const bytes = bytesBetween(first, last);
  if (last.journalBytes > first.journalBytes)
    return { moved: true, isNow: true, says: `its journal grew within ${spellMs(spanMs)}` };
  if (bytes !== null && bytes >= PROGRESS_BYTES)
    return { moved: true, isNow: true, says: `${Math.round(bytes / 1024)} KiB read or written in ${spellMs(spanMs)}` };
  const record = lastRecord === null ? 'no record at all' : `no record for ${spellMs(lastRecord.agoMs)}`;
  const moved = bytes === null ? 'bytes not permitted' : `${bytes} bytes in ${spellMs(spanMs)}`;
  return { moved: false, isNow: true, says: `${record}, ${moved}` };
}

/** Bytes that the rank itself has read and written between two looks; null where it is not permitted to see them. */
export function bytesBetween(first: RankCounters, last: RankCounters): number | null {
  const read = difference(first.readBytes, last.readBytes);
  const written = difference(first.writtenBytes, last.writtenBytes);
  if (read === null && written === null) return null;
  return Math.max(
    0,
    Math.max(0, read ?? 0) + Math.max(0, written ?? 0) - (last.foreignBytes.atMost - first.foreignBytes.atLeast),
  );
}

const difference = (before: number | null, after: number | null): number | null =>
  before === null || after === null ? null : after - before;

/** How much of one core a rank used between its samples, in percent; undefined when it cannot be told. */
export function cpuPercent({ processes }: Pick<ProgressEvidence, 'processes'>): number | undefined {
  const [first, last] = isSeen(processes) ? [processes.at(0), processes.at(-1)] : [];
  if (first === undefined || last === undefined || !(last.atMs > first.atMs)) return undefined;
  return percentBetween(first, last);
}

/** The same of its main thread alone: others may work while it waits. */
function mainThreadPercent({ processes }: RankEvidence): number | undefined {
  const moments = isSeen(processes)
    ? processes.flatMap(({ atMs, threads: [main] }) => (main === undefined ? [] : [{ atMs, cpuMs: main.cpuMs }]))
    : [];
  const [first, last] = [moments.at(0), moments.at(-1)];
  return first === undefined || last === undefined || !(last.atMs > first.atMs) ? undefined : percentBetween(first, last);
}

type CpuMoment = Pick<ProcessCounters, 'atMs' | 'cpuMs'>;

const percentBetween = (first: CpuMoment, last: CpuMoment): number =>
  Math.round((100 * (last.cpuMs - first.cpuMs)) / (last.atMs - first.atMs));

/** What uses less of a core than this does not work; percent. */
const AT_WORK_PERCENT = 10;

/** Whether its main thread slept, at all looks, until another thread wakes it: no event loop that is well does. */
export function awaitsThread(rank: RankEvidence): boolean {
  const samples = isSeen(rank.processes) ? rank.processes : [];
  const sleeps = ({ state, threads: [main] }: RankSample): boolean =>
    state === 'S' && (main?.call?.name === 'futex' || main?.waitChannel?.includes('futex') === true);
  return samples.length >= 2 && samples.every(sleeps) && (mainThreadPercent(rank) ?? Infinity) < AT_WORK_PERCENT;
}

/** More of a core than this is not used by a rank that only waits; percent. */
const BUSY_PERCENT = 30;

/** Whether it, or what it has started, works, whatever its event loop answers. */
export const isBusy = (rank: RankEvidence): boolean => (cpuPercent(rank) ?? 0) >= BUSY_PERCENT;

/** The children that a rank has, in words; nothing for none. What it does may be done by them. */
export function besideChildren(rank: RankEvidence): string {
  const [first, ...more] = lastSample(rank)?.children ?? [];
  if (first === undefined) return '';
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return `, beside its child process ${first.pid}${others}: ${first.command.slice(0, LONGEST_COMMAND)}`;
}

const LONGEST_COMMAND = 60;

/** Where a thread sleeps that has nothing to do. */
const AT_REST = /^0?$|futex|epoll|poll_schedule|nanosleep|signal_stop|ptrace_stop/;

const REST_CALLS = /^(?:futex|epoll_p?wait2?|p?poll|p?select6?|(?:clock_)?nanosleep|restart_syscall)$/;

/** The system call in which a thread is blocked, and not because it has nothing to do. */
export function blockingCall({ call }: ThreadSample): string | undefined {
  if (call === null || REST_CALLS.test(call.name)) return undefined;
  return call.path === null ? call.name : `${call.name} ${call.path}`;
}

/** The other threads that sleep in the same place of the kernel, the most numerous of such groups, in the last sample. */
export function waitingThreads(rank: RankEvidence): { readonly channel: string; readonly threads: readonly ThreadSample[] } {
  const groups = new Map<string, ThreadSample[]>();
  for (const thread of lastSample(rank)?.threads.slice(1) ?? []) {
    const channel = waitOf(thread);
    if (channel !== undefined) groups.set(channel, [...(groups.get(channel) ?? []), thread]);
  }
  const [channel, threads] = [...groups].reduce<readonly [string, readonly ThreadSample[]]>(
    (most, group) => (group[1].length > most[1].length ? group : most),
    ['', []],
  );
  return { channel, threads };
}

function waitOf({ state, waitChannel, call }: ThreadSample): string | undefined {
  if (state !== 'S' && state !== 'D') return undefined;
  if (call !== null && REST_CALLS.test(call.name)) return undefined;
  if (waitChannel !== null) return AT_REST.test(waitChannel) ? undefined : waitChannel;
  return call?.name;
}

/** Whether nothing asynchronous on files can end: as many threads as the pool has wait in the same place. */
export const isPoolExhausted = (rank: RankEvidence, poolSize: number): boolean =>
  poolSize > 0 && waitingThreads(rank).threads.length >= poolSize;

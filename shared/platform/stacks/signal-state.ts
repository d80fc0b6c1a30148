import type { Disk } from '../disk.ts';
import { threadIdsOf } from '../process/process-use.ts';
import { aboutProcess, hasSignal } from '../process-facts.ts';

/** Whether a process has still to hear a signal. */
export const isPending = (disk: Disk, pid: number, signalNumber: number): boolean =>
  hasSignal(aboutProcess(disk, pid, 'status') ?? '', 'ShdPnd', signalNumber);

/** The threads that do not hear a signal. One that is answering it has it blocked for so long. */
export const threadsThatBlock = (disk: Disk, pid: number, signalNumber: number): readonly number[] =>
  threadIdsOf(disk, pid).filter((tid) => hasSignal(aboutProcess(disk, pid, `task/${tid}/status`) ?? '', 'SigBlk', signalNumber));

/** By their numbers on x64 and arm64: those that a signal ends with an error, whatever handler it has. */
const SLEEPS = { nanosleep: /^(?:35|101) /, clockNanosleep: /^(?:230|115) \S+ (\S+)/ } as const;

/**
 * Whether the main thread sleeps for a time in native code, which may take the end of its sleep for a failure, as torch does that waits
 * for its store. Python's own sleep is until a moment, and goes on.
 */
export function sleepsNatively(disk: Disk, pid: number): boolean {
  const call = aboutProcess(disk, pid, `task/${pid}/syscall`) ?? '';
  const flags = SLEEPS.clockNanosleep.exec(call)?.[1];
  return SLEEPS.nanosleep.test(call) || (flags !== undefined && (Number(flags) & 1) === 0);
}

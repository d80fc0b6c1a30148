import type { Disk } from '../disk.ts';
import { threadIdsOf } from '../process/process-use.ts';
import { aboutProcess, hasSignal } from '../process-facts.ts';

/** Whether a process has still to hear a signal. */
export const isPending = (disk: Disk, pid: number, signalNumber: number): boolean =>
  hasSignal(aboutProcess(disk, pid, 'status') ?? '', 'ShdPnd', signalNumber);

/** The threads that do not hear a signal. One that is answering it has it blocked for so long. */
export const threadsThatBlock = (disk: Disk, pid: number, signalNumber: number): readonly number[] =>
  threadIdsOf(disk, pid).filter((tid) => hasSignal(aboutProcess(disk, pid, `task/${tid}/status`) ?? '', 'SigBlk', signalNumber));

import type { NotSeen } from './diagnosis.ts';
import type { SeenStacks } from './stacks.ts';

/** What was seen of a process at one moment. */
export interface ProcessMoment {
  /** R, S, D, T, t or Z of /proc/PID/stat. */
  readonly state: string;
  /** The system call in which its main thread is blocked; null when it is in none, or nobody says. */
  readonly call: { readonly name: string; readonly path: string | null } | null;
}

/** A process that a rank has started. */
export interface ChildLook {
  readonly pid: number;
  readonly command: string;
  readonly state: string;
  readonly stacks: SeenStacks;
}

/** One rank of a program in which nothing moves. */
export interface ProgramRankLook {
  readonly rank: number;
  readonly pid: number | null;
  /** Null while it lives. */
  readonly end: { readonly exitCode: number | null; readonly signal: string | null } | null;
  readonly moment: ProcessMoment | NotSeen;
  /** About a second apart, oldest first; of a shell that has started one program, that program's. */
  readonly stacks: readonly [SeenStacks, SeenStacks];
  readonly children: readonly ChildLook[];
  /** The barrier of ckpt-run at which it has arrived, and which has not opened. */
  readonly barrier: string | null;
}

/** Where in somebody's program. */
export interface ProgramPlace {
  readonly functionName: string | null;
  readonly file: string;
  readonly line: number | null;
}

/** Ranks that do the same. */
export interface ProgramClass {
  readonly ranks: readonly number[];
  /** What they are in, innermost first: `all_reduce … train train.py:9`. */
  readonly says: string;
  /** The innermost line of the user's own files. */
  readonly place: ProgramPlace | null;
  /** Whether it waits for other ranks there. */
  readonly isCollective: boolean;
}

/** What keeps a program from getting on. */
export const PROGRAM_HANG_CLASSES = {
  'ended-early': 'a rank has ended, and the others wait for it',
  stopped: 'a rank is stopped by a signal',
  'in-kernel': 'a rank is inside a system call that does not return',
  elsewhere: 'a rank is not in a collective in which the others wait for it',
  disagreement: 'ranks are in different collectives',
} as const;

export type ProgramHangClass = keyof typeof PROGRAM_HANG_CLASSES;

/** Who keeps a program from getting on, or that there is no telling. */
export type ProgramVerdict =
  | {
      readonly class: ProgramHangClass;
      readonly ranks: readonly number[];
      readonly place: ProgramPlace | null;
      readonly confidence: 'high' | 'medium' | 'low';
      readonly says: string;
      readonly hint: string;
    }
  | { readonly class: 'unknown'; readonly says: string; readonly hint: string };

/** A program in which nothing moves. */
export interface ProgramHang {
  /** Since anything has moved, milliseconds. */
  readonly quietMs: number;
  readonly verdict: ProgramVerdict;
  readonly classes: readonly ProgramClass[];
  /** What could not be had, a clause each. */
  readonly notSeen: readonly string[];
}

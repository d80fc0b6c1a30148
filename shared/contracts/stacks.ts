import type { NotSeen } from './diagnosis.ts';

/** Who has told what the threads of a process were in. */
export type StackSource = 'py-spy' | 'faulthandler' | 'inspector' | 'gdb' | 'eu-stack';

/** One call on a thread's stack. */
export interface StackFrame {
  /** As its language names it; null where nobody says. */
  readonly functionName: string | null;
  /** Null for what has no source, such as a function of a C library. */
  readonly file: string | null;
  /** From 1; null where nobody says. */
  readonly line: number | null;
}

/** What one thread was in. */
export interface ThreadStack {
  /** As the program or the system names it; null where nobody says. */
  readonly name: string | null;
  readonly isMain: boolean;
  /** Innermost first. */
  readonly frames: readonly StackFrame[];
}

/** What all threads of a process were in at one moment. */
export interface ProcessStacks {
  readonly source: StackSource;
  /** Monotonic, milliseconds. */
  readonly atMs: number;
  /** The main thread first. */
  readonly threads: readonly ThreadStack[];
}

/** What a process was in, or why that is not known. */
export type SeenStacks = ProcessStacks | NotSeen;

/** One thread of a process, as the kernel sees it. */
export interface ThreadSample {
  readonly tid: number;
  /** R, S, D, T, t, Z, … of /proc/PID/stat. */
  readonly state: string;
  /** The kernel function in which it sleeps; null when it runs or the kernel does not say. */
  readonly waitChannel: string | null;
  /** The system call in which it is blocked; null when it is in none or the kernel does not say. */
  readonly call: { readonly name: string; readonly path: string | null } | null;
  /** CPU time so far, milliseconds. */
  readonly cpuMs: number;
}

/** What a process, and all that it has started and that lives, has used so far. */
export interface ProcessUse {
  /** CPU time of all threads, milliseconds. */
  readonly cpuMs: number;
  /** Bytes that all threads have read and written, be it from memory; null where that is not permitted. */
  readonly readBytes: number | null;
  readonly writtenBytes: number | null;
  /** Whether the bytes of everything that it has started could be seen, too. */
  readonly isWhole: boolean;
}

/** What a process has used by one moment. */
export interface ProcessCounters extends ProcessUse {
  /** Monotonic, milliseconds. */
  readonly atMs: number;
}

/** A rank gets on when its journal grows, and when it or what it has started reads and writes so many bytes. */
export const PROGRESS_BYTES = 64 * 1024;

/** What shows by one moment how far a rank is. */
export interface RankCounters extends ProcessCounters {
  /** The length of its journal. */
  readonly journalBytes: number;
  /**
   * Bytes among those of its process that are not its own doing: its watcher's, and those of looks at it. While a look goes on,
   * nobody knows how many are its.
   */
  readonly foreignBytes: { readonly atLeast: number; readonly atMost: number };
}

/** A process at one moment. */
export interface ProcessSample extends ProcessCounters {
  /** The main thread's. */
  readonly state: string;
  /** The main thread first. */
  readonly threads: readonly ThreadSample[];
  readonly children: readonly { readonly pid: number; readonly command: string }[];
  /** The debugger that holds it; 0 for none. */
  readonly tracerPid: number;
}

/** A rank's process at one moment. */
export interface RankSample extends ProcessSample, RankCounters {}

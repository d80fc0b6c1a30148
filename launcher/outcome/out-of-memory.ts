import { join } from 'node:path';
import type { EndEvidence } from '../../shared/contracts/diagnosis.ts';
import type { Disk } from '../../shared/platform/disk.ts';

const ROOT = '/sys/fs/cgroup';

/** How many processes of this one's control group the kernel has killed for want of memory; undefined where it does not say. */
export function oomKills(disk: Disk): number | undefined {
  const counts = counterFiles(read(disk, '/proc/self/cgroup')).map((file) => /^oom_kill (\d+)$/m.exec(read(disk, file))?.[1]);
  const known = counts.filter((count) => count !== undefined).map(Number);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Counts from now on how many more there are; gives undefined where the kernel does not say. */
export function countOomKills(disk: Disk): () => number | undefined {
  const before = oomKills(disk);
  return () => {
    const now = before === undefined ? undefined : oomKills(disk);
    return before === undefined || now === undefined ? undefined : now - before;
  };
}

/** What is known of the end of one rank. */
export interface RankEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whether the launcher itself had sent it SIGKILL. */
  readonly wasKilled: boolean;
  /** The last lines of its standard error: a dozen lines or more stand below V8's words. */
  readonly stderrTail: readonly string[];
  /** What {@link countOomKills} says. */
  readonly oomKillsSince: number | undefined;
}

/** Who says that it ended for want of memory. The kernel's counter does not say whom it killed: what nobody else killed. */
export function outOfMemory({ exitCode, signal, wasKilled, stderrTail, oomKillsSince = 0 }: RankEnd): EndEvidence['outOfMemory'] {
  if (signal === 'SIGKILL') return oomKillsSince > 0 && !wasKilled ? 'kernel' : null;
  const hasAborted = V8_ENDS.includes(signal ?? exitCode);
  return hasAborted && stderrTail.some((line) => V8_WORDS.test(line)) ? 'v8' : null;
}

/** V8 aborts, or executes what no processor knows; 134 is what a shell makes of the first. */
const V8_ENDS: readonly (string | number | null)[] = ['SIGABRT', 'SIGTRAP', 'SIGILL', 134];
const V8_WORDS = /JavaScript heap out of memory|Fatal (?:JavaScript|process) out of memory/;

/** Whether the report that V8 leaves when it ends a process says so. */
export const readLastReport = (disk: Disk, file: string): EndEvidence['outOfMemory'] =>
  V8_REPORT.test(read(disk, file)) ? 'v8' : null;

/** Removes such reports, for they hold the environment; to be called when nobody will read them any more. Never throws. */
export function dropLastReports(disk: Disk, files: readonly string[]): void {
  for (const file of files) {
    try {
      disk.removeFile(file);
    } catch {
      // It stays where nothing can be removed, as the rest of the directory does.
    }
  }
}

const V8_REPORT = /"trigger":\s*"OOMError"|"event":\s*"[^"]*out of memory/;

/** Of both versions of control groups; in a container the root is the container's own. */
function counterFiles(groups: string): readonly string[] {
  const unified = /^0::(.*)$/m.exec(groups)?.[1];
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  return [
    ...(unified === undefined ? [] : [join(ROOT, unified, 'memory.events'), join(ROOT, 'memory.events')]),
    ...(memory === undefined
      ? []
      : [join(ROOT, 'memory', memory, 'memory.oom_control'), join(ROOT, 'memory/memory.oom_control')]),
  ];
}

function read(disk: Disk, path: string): string {
  try {
    return disk.readTextIfAny(path) ?? '';
  } catch {
    return '';
  }
}

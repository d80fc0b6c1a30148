import type { Platform } from './platform.ts';
import { statFields } from './process-facts.ts';

/** What tells one process from another that later gets its pid. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Start time in clock ticks since boot; null where /proc does not say. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
  /** Containers of one host count their processes apart. */
  readonly pidNamespace: string | null;
}

/** This process. */
export const processIdentity = ({ disk, pid, host }: Platform): ProcessIdentity => ({
  pid,
  host,
  startTicks: processState({ disk }, pid)?.startTicks ?? null,
  bootId: disk.readTextIfAny('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
  pidNamespace: disk.readLink('/proc/self/ns/pid') ?? null,
});

/** Whether a process still runs, as far as it can be known from here. A zombie is dead. */
export function isAlive(platform: Platform, other: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const self = processIdentity(platform);
  if (other.host !== self.host) return 'unknown';
  if (other.bootId !== self.bootId) return 'dead';
  if (other.pidNamespace !== self.pidNamespace || self.startTicks === null) return 'unknown';
  const state = processState(platform, other.pid);
  if (state === undefined || state.letter === 'Z' || state.letter === 'X') return 'dead';
  return state.startTicks === other.startTicks ? 'alive' : 'dead';
}

/** The state letter and start time of a process, from /proc/PID/stat; undefined where it does not exist. */
export function processState({ disk }: Pick<Platform, 'disk'>, pid: number): { letter: string; startTicks: number } | undefined {
  const stat = disk.readTextIfAny(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = statFields(stat);
  return { letter: fields[0] ?? '?', startTicks: Number(fields[19]) };
}

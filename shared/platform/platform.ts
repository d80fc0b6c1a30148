import { hostname } from 'node:os';
import { type Clock, nodeClock } from './clock.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { signalGroup } from './process-group.ts';

/** Every effect a rank may have, so that the same rank can run under a simulated world. */
export interface Platform {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly pid: number;
  /** The user whose process this is; 0 where the system has no users. */
  readonly uid: number;
  readonly host: string;
  /** Who started this process; another one once that one is gone. */
  parentPid(): number;
  /** The most memory this process has had resident so far. */
  peakMemoryBytes(): number;
  /** Ends this process with a code; nothing after it runs. */
  exit(code: number): never;
  /** Ends this process by SIGKILL. */
  killSelf(): void;
  /** Ends a process that leads a group, and its group, by SIGKILL; nothing happens when they are gone. */
  killGroup(leader: number): void;
}

/** This process on this machine. */
export const nodePlatform = (): Platform => ({
  clock: nodeClock,
  disk: nodeDisk,
  pid: process.pid,
  uid: process.getuid?.() ?? 0,
  host: hostname(),
  parentPid: () => process.ppid,
  peakMemoryBytes,
  exit: (code) => process.exit(code),
  killSelf: () => process.kill(process.pid, 'SIGKILL'),
  killGroup: (leader) => signalGroup(leader, 'SIGKILL'),
});

/** getrusage would count what the parent had resident when it forked. */
function peakMemoryBytes(): number {
  const status = nodeDisk.readTextIfAny('/proc/self/status') ?? '';
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return 1024 * (kibibytes === undefined ? process.resourceUsage().maxRSS : Number(kibibytes));
}

import { hostname } from 'node:os';
import { type Clock, nodeClock } from './clock.ts';
import { type Disk, nodeDisk } from './disk.ts';

/** Every effect a rank may have, so that the same rank can run under a simulated world. */
export interface Platform {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly pid: number;
  readonly host: string;
  /** The most memory this process has had resident so far. */
  peakMemoryBytes(): number;
  /** Ends this process with a code; nothing after it runs. */
  exit(code: number): never;
  /** Ends this process by SIGKILL. */
  killSelf(): void;
}

/** This process on this machine. */
export const nodePlatform = (): Platform => ({
  clock: nodeClock,
  disk: nodeDisk,
  pid: process.pid,
  host: hostname(),
  peakMemoryBytes,
  exit: (code) => process.exit(code),
  killSelf: () => process.kill(process.pid, 'SIGKILL'),
});

/** getrusage would count what the parent had resident when it forked. */
function peakMemoryBytes(): number {
  const status = nodeDisk.readTextIfAny('/proc/self/status') ?? '';
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return 1024 * (kibibytes === undefined ? process.resourceUsage().maxRSS : Number(kibibytes));
}

import { hostname } from 'node:os';
import { type Clock, nodeClock } from './clock.ts';
import { type Disk, nodeDisk } from './disk.ts';

/** Every effect a rank may have, so that the same rank can run under a simulated world. */
export interface Platform {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly pid: number;
  readonly host: string;
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
  exit: (code) => process.exit(code),
  killSelf: () => process.kill(process.pid, 'SIGKILL'),
});

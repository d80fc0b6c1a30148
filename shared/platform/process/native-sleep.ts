import type { Disk } from '../disk.ts';
import { aboutProcess } from '../process-facts.ts';
import { sampleThread } from './thread-sample.ts';

/** In these a program of Node waits for what may happen, and hears of it; what sleeps in another one hears nothing. */
const LISTENS = ['epoll_wait', 'epoll_pwait', 'futex'];

/**
 * What tells the sleep in which a main thread hears nothing from its next one: it is stopped, or inside a native call.
 * Undefined where it runs, or sleeps in a way in which it may hear, or the kernel does not say.
 */
export function nativeSleep(disk: Disk, pid: number): string | undefined {
  const main = sampleThread(disk, pid, pid);
  switch (main?.state) {
    case 'T':
    case 't':
      return 'stopped';
    case 'D':
    case 'S': {
      const switches = /^voluntary_ctxt_switches:\t(\d+)/m.exec(aboutProcess(disk, pid, `task/${pid}/status`) ?? '')?.[1];
      const call = main.call?.name;
      const isDeaf = main.state === 'D' || (call !== undefined && !LISTENS.includes(call));
      return isDeaf && switches !== undefined ? `${call} after ${switches}` : undefined;
    }
    default:
      return undefined;
  }
}

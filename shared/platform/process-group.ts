/** The signals that a launcher sends. */
export type SignalName = 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL' | 'SIGUSR1' | 'SIGUSR2' | 'SIGTERM' | 'SIGCONT';

/** Sends a signal to a process and all that it started, if it leads a group of its own; nothing happens when they are gone. */
export const signalGroup = (leader: number, name: SignalName): void => signalProcess(-leader, name);

/** Sends a signal, by name or number, to one process; nothing happens when it is gone. */
export function signalProcess(pid: number, signal: SignalName | number): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, or not ours to signal: whoever waits for its end sees which.
  }
}

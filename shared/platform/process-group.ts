/** Sends a signal to a process and all that it started, if it leads a group of its own; nothing happens when they are gone. */
export function signalGroup(leader: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-leader, name);
  } catch {
    // The group is gone, or not ours to end: whoever waits for its end sees which.
  }
}

import { Socket } from 'node:net';

/** The exit code of a rank whose launcher has gone, as a shell says SIGHUP. */
const ABANDONED = 129;

/**
 * Ends this process when the launcher is gone: standard input is a pipe that the launcher holds and never writes to, and the
 * system closes it even when the launcher is killed by SIGKILL. Does not keep the process alive.
 */
export function holdLifeline(exit: (code: number) => never): void {
  const lifeline = new Socket({ fd: 0, readable: true, writable: false });
  const abandoned = (): void => exit(ABANDONED);
  lifeline.on('end', abandoned).on('close', abandoned).on('error', abandoned);
  lifeline.resume();
  lifeline.unref();
}

import type { Platform } from './platform.ts';

/** What ties a rank to its launcher. */
export interface Lifeline {
  /** Ends this process if its launcher is gone: to be asked before something that cannot be undone. */
  check(): void;
}

/** The exit code of a rank whose launcher has gone, as a shell says SIGHUP. */
const ABANDONED = 129;
const CHECK_EVERY_MS = 200;

/**
 * Ends this process when its launcher is gone, however it went: the system then gives it another parent. A pipe from the
 * launcher would say so at once, but loading Node's streams costs every start 5 ms.
 */
export function holdLifeline({ clock, parentPid, exit }: Platform, launcherPid: number): Lifeline {
  const check = (): void => {
    if (parentPid() !== launcherPid) exit(ABANDONED);
  };
  check();
  clock.every(CHECK_EVERY_MS, check);
  return { check };
}

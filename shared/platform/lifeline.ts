/** The exit code of a rank whose launcher has gone, as a shell says SIGHUP. */
const ABANDONED = 129;
const CHECK_EVERY_MS = 200;

/**
 * Ends this process when its launcher is gone, however it went: the system then gives it another parent. Does not keep the
 * process alive. A pipe from the launcher would say so at once, but loading Node's streams costs every start 5 ms.
 */
export function holdLifeline(launcherPid: number, exit: (code: number) => never): void {
  const check = (): void => {
    if (process.ppid !== launcherPid) exit(ABANDONED);
  };
  check();
  setInterval(check, CHECK_EVERY_MS).unref();
}

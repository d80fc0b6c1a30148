import { LAUNCHER_PID_VARIABLE, RUN_DIRECTORY_VARIABLE } from '../../shared/contracts/run-plan.ts';

/**
 * What every process of a run has in its environment, wherever it went: setsid changes its group, nothing changes that. Two
 * launchers may share a run's directory, and a pid comes again: both together are one launcher's own.
 */
export interface RunMark {
  readonly launcherPid: number;
  /** Above the directories of the attempts. */
  readonly runPath: string;
}

/** Whether an environment, as /proc gives it, is that of a process of the run. */
export function isMarked(environment: string, { launcherPid, runPath }: RunMark): boolean {
  const entries = environment.split('\0');
  return (
    entries.includes(`${LAUNCHER_PID_VARIABLE}=${launcherPid}`) &&
    entries.some((entry) => entry.startsWith(`${RUN_DIRECTORY_VARIABLE}=${runPath}/`))
  );
}

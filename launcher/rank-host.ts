import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { signalGroup } from '../shared/platform/process-group.ts';

/** The child's entry file: the only place where the launcher knows the rank. */
const RANK_ENTRY = fileURLToPath(new URL('../dist/rank.cjs', import.meta.url));

/** How a rank's process ended. */
export interface RankExit {
  /** Null when a signal ended it or it could not be started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why it could not be started; null when it was. */
  readonly startError: string | null;
}

/** Where a rank's output goes: to the launcher's own, or to these descriptors. */
export type RankOutput = 'inherit' | { readonly stdout: number; readonly stderr: number };

/** The launcher's handle on one rank. */
export interface RankHost {
  readonly rank: number;
  readonly pid: number | null;
  /** Settles once the process has ended; never rejects. */
  readonly exited: Promise<RankExit>;
  /** Sends a signal to the rank and its children; nothing happens when they are gone. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/** Starts one rank as the leader of its own process group. */
export function startRank(rank: number, environment: Readonly<Record<string, string>>, output: RankOutput): RankHost {
  const [stdout = 'inherit', stderr = 'inherit'] =
    output === 'inherit' ? [] : [output.stdout, output.stderr].filter(isDescriptor);
  const child = execa(process.execPath, [RANK_ENTRY], {
    env: environment,
    extendEnv: false,
    stdin: 'ignore',
    stdout,
    stderr,
    buffer: false,
    reject: false,
    cleanup: false,
    detached: true,
  });
  return {
    rank,
    pid: child.pid ?? null,
    exited: child.then((result) => ({
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
      startError: child.pid === undefined ? (result.shortMessage ?? 'the process could not be started') : null,
    })),
    signal: (name) => {
      if (child.pid !== undefined) signalGroup(child.pid, name);
    },
  };
}

/** execa takes any descriptor; its types know only the first ten. */
const isDescriptor = (descriptor: number): descriptor is 9 => descriptor > 2;

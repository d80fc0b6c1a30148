import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
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
  const [stdout, stderr] = output === 'inherit' ? (['inherit', 'inherit'] as const) : [output.stdout, output.stderr];
  const child = spawn(process.execPath, [RANK_ENTRY], {
    env: { ...environment },
    stdio: ['ignore', stdout, stderr],
    detached: true,
  });
  return {
    rank,
    pid: child.pid ?? null,
    exited: exitOf(child),
    signal: (name) => {
      if (child.pid !== undefined) signalGroup(child.pid, name);
    },
  };
}

const exitOf = (child: ChildProcess): Promise<RankExit> =>
  new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, startError: null }));
    // The only other thing that can go wrong without a message to send: the process does not start.
    child.once('error', ({ message }) => resolve({ exitCode: null, signal: null, startError: message }));
  });

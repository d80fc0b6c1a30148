import { type ChildProcess, spawn } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../shared/contracts/errors.ts';
import { codeOf } from '../shared/platform/disk.ts';
import { type SignalName, signalGroup } from '../shared/platform/process-group.ts';

/** What is executed as a rank. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** Node opens its inspector at SIGUSR1: every rank on a port of its own, for this host alone, and without a word about it. */
const QUIET_INSPECTOR = ['--inspect-port=127.0.0.1:0', '--inspect-publish-uid=http'];

/** V8 leaves a report when it ends a rank, whose standard error may be on a terminal where nobody can read it again. */
const reportTo = (file: string): readonly string[] => [
  '--report-on-fatalerror',
  '--report-compact',
  `--report-directory=${dirname(file)}`,
  `--report-filename=${basename(file)}`,
];

/** The rank of a scenario. This is the only place where the launcher knows its entry file. */
export const builtInRank = (lastReport: string, nodeOptions: readonly string[] = []): Command => ({
  file: process.execPath,
  args: [
    ...QUIET_INSPECTOR,
    ...reportTo(lastReport),
    ...nodeOptions,
    fileURLToPath(new URL('../dist/rank.cjs', import.meta.url)),
  ],
});

/** Why a process could not be started. */
export interface StartError {
  readonly message: string;
  /** The system's code (ENOENT, …), where it gave one. */
  readonly code: string | undefined;
}

/** How a rank's process ended. */
export interface RankExit {
  /** Null when a signal ended it or it could not be started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Null when it was started. */
  readonly startError: StartError | null;
}

/** Where one stream of a process goes: to the launcher's own, or to a descriptor. */
export type StreamTarget = 'inherit' | number;

/** What a process reads from and writes to. */
export interface ProcessStreams {
  readonly stdin: 'inherit' | 'ignore';
  readonly stdout: StreamTarget;
  readonly stderr: StreamTarget;
}

/** The launcher's handle on one rank. */
export interface RankHost {
  readonly rank: number;
  readonly pid: number | null;
  /** Settles once the process has ended; never rejects. */
  readonly exited: Promise<RankExit>;
  /** Sends a signal to the rank and its children; nothing happens when they are gone. */
  signal(name: SignalName): void;
}

/** The rank that was started; what is thrown instead makes one that has ended already, and says why. */
export function startedOrNot(rank: number, start: () => RankHost): RankHost {
  try {
    return start();
  } catch (thrown) {
    return { rank, pid: null, exited: Promise.resolve(notStarted(thrown)), signal: () => undefined };
  }
}

/** Starts one rank as the leader of its own process group and session. Never throws. */
export function startProcess(
  rank: number,
  { file, args }: Command,
  environment: Readonly<Record<string, string>>,
  { stdin, stdout, stderr }: ProcessStreams,
): RankHost {
  return startedOrNot(rank, () => {
    const child = spawn(file, args, { env: environment, stdio: [stdin, stdout, stderr], detached: true });
    return {
      rank,
      pid: child.pid ?? null,
      exited: exitOf(child),
      signal: (name) => {
        if (child.pid !== undefined) signalGroup(child.pid, name);
      },
    };
  });
}

/** A rank that nobody starts, and nobody misses yet: it ends when the others are told to. */
export function forgotten(rank: number): RankHost {
  let end: (exit: RankExit) => void = () => undefined;
  const exited = new Promise<RankExit>((resolve) => {
    end = resolve;
  });
  return { rank, pid: null, exited, signal: () => end({ exitCode: null, signal: null, startError: null }) };
}

const notStarted = (why: unknown): RankExit => ({
  exitCode: null,
  signal: null,
  startError: { message: messageOf(why), code: codeOf(why) },
});

const exitOf = (child: ChildProcess): Promise<RankExit> =>
  new Promise((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, startError: null }));
    // The only other thing that can go wrong without a message to send: the process does not start.
    child.once('error', (error) => resolve(notStarted(error)));
  });

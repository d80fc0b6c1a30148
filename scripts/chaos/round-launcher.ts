import { spawn } from 'node:child_process';
import { contentOf } from './round-remains.ts';

/** How a launcher ended. */
export interface LauncherEnd {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Whether it would have gone on: it was told to end, and then perhaps even had to be killed. */
  readonly how: 'by itself' | 'told to' | 'hung';
}

/** A launcher of a round. */
export interface Launcher {
  /** Never rejects. */
  readonly ended: Promise<LauncherEnd>;
  /** Nothing happens once it was told to end. */
  signal(name: NodeJS.Signals): void;
  /** Lets it go on if it was stopped, and ends it; kills it when that takes too long. */
  tellToEnd(): void;
}

const HANGS_MS = 20_000;

/** Starts a launcher. It ends with this process, and its guardian ends the rest. */
export function startLauncher([file = '', ...args]: readonly string[], environment: Readonly<Record<string, string>>): Launcher {
  const env = { ...process.env, ...environment };
  const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let how: LauncherEnd['how'] = 'by itself';
  let stderr = '';
  let killLater: NodeJS.Timeout | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<LauncherEnd>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      process.off('exit', killWithUs);
      clearTimeout(killLater);
      resolve({ pid: child.pid, code, signal, stderr, how });
    };
    child.once('exit', end);
    child.once('error', (error) => {
      stderr += `${error.message}\n`;
      if (child.pid === undefined) end(null, null);
    });
  });
  return {
    ended,
    signal: (name) => {
      // Timers of different lengths may come in the wrong order: a SIGSTOP after SIGCONT would stop it for good.
      if (how === 'by itself') child.kill(name);
    },
    tellToEnd: () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      how = 'told to';
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      killLater = setTimeout(() => {
        how = 'hung';
        stderr += contentOf(`/proc/${child.pid}/stat`);
        child.kill('SIGKILL');
      }, HANGS_MS);
    },
  };
}

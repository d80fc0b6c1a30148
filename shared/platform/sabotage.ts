import { readFile, readFileSync } from 'node:fs';
import { poolSize } from './thread-pool.ts';

/** What a rank does to its own process when a fault orders it. */
export interface Sabotage {
  /** SIGSTOP. */
  stop(): void;
  /** Never returns. */
  spin(): never;
  /** Reads a new named pipe at `path` that nobody writes to: never returns. */
  blockOn(path: string): void;
  /** The same in every thread of libuv's pool, and returns. */
  fillPool(path: string): void;
  /** Fills the heap until V8 ends the process: soon, in one that was started with {@link SMALL_HEAP}. */
  exhaustMemory(): never;
}

/** V8 takes the limit of its heap at the start of a process only. */
export const SMALL_HEAP = '--max-old-space-size=64';

/** This process, with the environment that it was started with. */
export const nodeSabotage = (environment: Readonly<Record<string, string | undefined>>): Sabotage => ({
  stop: () => process.kill(process.pid, 'SIGSTOP'),
  spin: () => {
    for (;;);
  },
  blockOn: (path) => {
    makeNamedPipe(path);
    readFileSync(path);
  },
  fillPool: (path) => {
    makeNamedPipe(path);
    for (let thread = 0; thread < poolSize(environment); thread += 1) readFile(path, () => undefined);
  },
  exhaustMemory: () => {
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 10_000 }, () => ({})));
  },
});

function makeNamedPipe(path: string): void {
  // Loaded only here: it would cost every start of a rank 5 ms.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  execFileSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
}

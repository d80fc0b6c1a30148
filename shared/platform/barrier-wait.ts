import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';

/** News of a directory, for one waiter at a time. */
export class DirectoryNews {
  readonly #watcher: { close(): void } | undefined;
  readonly #clock: Clock;
  #awaited: string | undefined;
  #wake: ((changed: boolean) => void) | undefined;

  constructor(disk: Disk, clock: Clock, path: string) {
    this.#clock = clock;
    // Other names come and go too, and waking up for those would cost every rank twice the time.
    this.#watcher = disk.watch(path, (name) => {
      if (name === null || name === this.#awaited) this.#wake?.(true);
    });
  }

  /** False where the system does not report changes: then only looking helps. */
  get available(): boolean {
    return this.#watcher !== undefined;
  }

  /** Waits at most `delayMs` for a name to appear or change; says whether it did. Keeps the process alive. */
  next(name: string, delayMs: number): Promise<boolean> {
    this.#awaited = name;
    return new Promise((resolve) => {
      const wake = (changed: boolean): void => {
        cancel();
        this.#wake = undefined;
        resolve(changed);
      };
      const cancel = this.#clock.after(delayMs, () => wake(false));
      this.#wake = wake;
    });
  }

  close(): void {
    this.#watcher?.close();
  }
}

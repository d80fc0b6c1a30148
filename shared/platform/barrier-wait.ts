import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';

/** News of a directory, for one waiter at a time. */
export class DirectoryNews {
  readonly #watcher: { close(): void } | undefined;
  readonly #clock: Clock;
  #unseen = false;
  #wake: (() => void) | undefined;

  constructor(disk: Disk, clock: Clock, path: string) {
    this.#clock = clock;
    this.#watcher = disk.watch(path, () => {
      this.#unseen = true;
      this.#wake?.();
    });
  }

  /** False where the system does not report changes: then only looking helps. */
  get available(): boolean {
    return this.#watcher !== undefined;
  }

  /** Waits for a change since the last call, at most `delayMs`; says whether there was one. Keeps the process alive. */
  async next(delayMs: number): Promise<boolean> {
    if (!this.#unseen) await this.#sleep(delayMs);
    const changed = this.#unseen;
    this.#unseen = false;
    return changed;
  }

  close(): void {
    this.#watcher?.close();
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#clock.after(delayMs, wake);
      this.#wake = wake;
    });
  }
}

import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';

/** How often to look where nothing is reported; milliseconds. */
interface Pace {
  readonly first: number;
  readonly longest: number;
}

/** Waits for files to appear in one directory: watches it, and looks by itself now and then in case a report got lost. */
export class Lookout {
  readonly #clock: Clock;
  readonly #watcher: { close(): void } | undefined;
  readonly #pace: Pace;
  /** The name that changed last; null where the system keeps it to itself. */
  #reported: string | null | undefined;
  #wake: (() => void) | undefined;

  /** `worldSize` is how many processes wait for the same files: together they must not look all the time. */
  constructor(disk: Disk, clock: Clock, directory: string, worldSize: number) {
    this.#clock = clock;
    this.#watcher = disk.watch(directory, (name) => this.#report(name));
    const together = 4 * worldSize;
    this.#pace = this.isTold
      ? { first: 50 + together, longest: 1000 }
      : { first: Math.min(1 + together / 4, 50), longest: Math.max(250, together) };
  }

  /** Whether changes are reported; where they are not, files are shared with other hosts, and looking costs more. */
  get isTold(): boolean {
    return this.#watcher !== undefined;
  }

  /**
   * Calls `look` whenever `name` is reported, at the deadline on the monotonic clock, which may move meanwhile, and ever more
   * rarely in between, until it finds something. Keeps the process alive.
   */
  async until<T>(name: string, deadlineMs: () => number, look: (isReported: boolean) => T | undefined): Promise<T> {
    for (let pauseMs = this.#pace.first; ; pauseMs = Math.min(pauseMs * 1.5, this.#pace.longest)) {
      const leftMs = deadlineMs() - this.#clock.monotonicMs();
      // The deadline may have passed since the last look.
      const found = look(await this.#isReported(name, leftMs > 0 ? Math.min(pauseMs, leftMs) : this.#pace.first));
      if (found !== undefined) return found;
    }
  }

  /** Stops watching; who waits goes on looking. */
  close(): void {
    this.#watcher?.close();
  }

  #report(name: string | null): void {
    this.#reported = name;
    this.#wake?.();
  }

  /** Waits until the name is reported, at most `delayMs`; says whether it was. */
  #isReported(name: string, delayMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (): void => {
        if (this.#reported === name || this.#reported === null) end(true);
      };
      const end = (isReported: boolean): void => {
        cancel();
        this.#wake = undefined;
        this.#reported = undefined;
        resolve(isReported);
      };
      const cancel = this.#clock.after(delayMs, () => end(false));
      this.#wake = wake;
      wake();
    });
  }
}

import type { BarrierEvidence } from '../../contracts/barrier.ts';
import type { RankProgress } from '../rank-progress.ts';

/** How long a rank waits at a barrier. */
export interface PatienceOptions {
  /** Monotonic, milliseconds, as are all times here. */
  readonly startedAtMs: number;
  /** For a rank that does not get on; Infinity for ever. */
  readonly quietMs: number;
  /** At most. */
  readonly hardMs: number;
  /** Without it nobody gets on. */
  readonly progress: RankProgress | undefined;
}

/** One wait at a barrier: it is over when any of the missing ranks has not got on for too long. */
export class Patience {
  readonly #options: PatienceOptions;
  /** The missing ranks, as they were when they were looked at last. */
  #missing: ReadonlyMap<number, { readonly progress: number; readonly gotOnAtMs: number | undefined }> = new Map();
  /** When a rank that got on arrived: another one may have waited for what it did, and is given its time from there. */
  #handedOnAtMs: number;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#handedOnAtMs = options.startedAtMs;
  }

  /** Looks at those that are missing. */
  look(missing: readonly number[], nowMs: number): void {
    const { progress } = this.#options;
    if (progress === undefined) return;
    const before = this.#missing;
    if ([...before].some(([rank, { gotOnAtMs }]) => gotOnAtMs !== undefined && !missing.includes(rank)))
      this.#handedOnAtMs = nowMs;
    this.#missing = new Map(
      missing.map((rank) => {
        const [seen, reached] = [before.get(rank), progress.of(rank)];
        const isGrown = seen !== undefined && reached > seen.progress;
        return [rank, { progress: reached, gotOnAtMs: isGrown ? nowMs : seen?.gotOnAtMs }];
      }),
    );
  }

  /** When it is over, unless somebody gets on. */
  deadlineMs(): number {
    return Math.min(this.#quietAtMs(), this.#hardAtMs());
  }

  /** The limit that ends it: the quiet one, or the hard one where all that are missing get on. */
  limitMs(): number {
    const { quietMs, hardMs } = this.#options;
    return this.#hardAtMs() < this.#quietAtMs() ? Math.max(quietMs, hardMs) : quietMs;
  }

  /** Those that got on within the time that a quiet rank is given, and how long ago. */
  gettingOn(nowMs: number): NonNullable<BarrierEvidence['gettingOn']> {
    return [...this.#missing].flatMap(([rank, { gotOnAtMs }]) =>
      gotOnAtMs !== undefined && nowMs - gotOnAtMs < this.#options.quietMs
        ? [{ rank, agoMs: Math.round(nowMs - gotOnAtMs) }]
        : [],
    );
  }

  #quietAtMs(): number {
    const last = [...this.#missing.values()].map(({ gotOnAtMs }) => Math.max(this.#handedOnAtMs, gotOnAtMs ?? -Infinity));
    return Math.min(...(last.length === 0 ? [this.#handedOnAtMs] : last)) + this.#options.quietMs;
  }

  #hardAtMs(): number {
    const { startedAtMs, quietMs, hardMs } = this.#options;
    return startedAtMs + Math.max(quietMs, hardMs);
  }
}

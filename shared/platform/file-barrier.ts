import type { Arrival, Barrier, BarrierKey, Decision } from '../contracts/barrier.ts';
import type { Journal } from '../contracts/journal.ts';
import type { Json } from '../contracts/json.ts';
import { barrierAborted, rankDuplicated, rankOvertaken } from './barrier-error.ts';
import { BarrierFiles } from './barrier-files.ts';
import { DirectoryNews } from './barrier-wait.ts';
import type { Platform } from './platform.ts';

/** What one rank brings to the barriers of an attempt. */
export interface FileBarrierOptions {
  readonly platform: Platform;
  /** The attempt's `barriers` directory, shared by all ranks; made when missing. */
  readonly directory: string;
  readonly rank: number;
  readonly worldSize: number;
  /** Asked at each barrier; milliseconds, Infinity for ever. */
  readonly timeoutMs: () => number;
  readonly journal: Journal;
  /** Asked within the call of wait(): where the program called it, null where that is not known. */
  readonly callSite?: () => string | null;
}

interface Meeting extends BarrierKey {
  readonly callSite: string | null;
  readonly payload: Json;
}

/**
 * Opens the barriers of an attempt for one rank. A barrier needs no particular rank to be alive: whoever sees all arrivals
 * tries to decide `open`, whoever runs out of time `abort`, the first decision stands and everyone obeys it.
 * wait() also throws CKPT_RANK_DUPLICATED when another process has arrived as this rank, and the file system's errors.
 */
export function openFileBarrier(options: FileBarrierOptions): Barrier {
  const member = new Member(options);
  let sequence = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    wait: (name, payload = null) => {
      const meeting = { sequence, name, payload, callSite: options.callSite?.() ?? null };
      sequence += 1;
      const turn = last.then(() => member.meet(meeting));
      // Calls that overlap take turns, and one that fails does not stop the next.
      last = turn.catch(() => undefined);
      return turn;
    },
    close: () => member.close(),
  };
}

class Member {
  readonly #options: FileBarrierOptions;
  readonly #files: BarrierFiles;
  readonly #news: DirectoryNews;

  constructor(options: FileBarrierOptions) {
    const { platform, directory, rank } = options;
    this.#options = options;
    this.#files = new BarrierFiles(platform, directory, rank);
    this.#news = new DirectoryNews(platform.disk, platform.clock, this.#files.decisions);
  }

  close(): void {
    this.#news.close();
  }

  async meet(meeting: Meeting): Promise<readonly Json[]> {
    const { clock } = this.#options.platform;
    const startedAtMs = clock.monotonicMs();
    const timeoutMs = this.#options.timeoutMs();
    this.#arrive(meeting);
    const made = this.#decideIfAllArrived(meeting, this.#news.available ? 'count' : 'listing');
    const decision = made ?? (await this.#waitForDecision(meeting, startedAtMs, timeoutMs));
    return this.#obey(decision, meeting, clock.monotonicMs() - startedAtMs);
  }

  #arrive({ sequence, name, callSite, payload }: Meeting): void {
    const { platform, journal, rank } = this.#options;
    const { pid, host, clock } = platform;
    journal.append({ type: 'barrier:arrived', sequence, name, callSite });
    const fingerprint = digest(`${sequence}\n${name}\n${callSite ?? ''}`);
    const arrivedAtMs = clock.nowMs();
    const standing = this.#files.arrive({ sequence, name, rank, pid, host, fingerprint, callSite, arrivedAtMs, payload });
    if (standing !== undefined) throw rankDuplicated(standing, platform);
  }

  /** Counting is quick and sometimes short of the truth; listing is slow and true. */
  #arrived({ sequence }: BarrierKey, by: 'count' | 'listing'): readonly number[] {
    if (by === 'listing') return this.#files.arrivedRanks(sequence);
    const { worldSize } = this.#options;
    return this.#files.countsAll(sequence, worldSize) ? Array.from({ length: worldSize }, (_, rank) => rank) : [];
  }

  #decideIfAllArrived(meeting: BarrierKey, by: 'count' | 'listing'): Decision | undefined {
    const { rank, worldSize } = this.#options;
    const { sequence, name } = meeting;
    const ranks = this.#arrived(meeting, by);
    if (ranks.length < worldSize) return undefined;
    const decision = this.#files.decide(this.#outcomeOf({ sequence, name }, ranks));
    // All have arrived here, so all have read what was decided before.
    if (decision?.decidedBy === rank) this.#files.tidy(sequence);
    return decision;
  }

  #outcomeOf(key: BarrierKey, ranks: readonly number[]): Decision {
    const decidedBy = this.#options.rank;
    const arrivals = this.#files.readArrivals(key.sequence, ranks);
    if (agree(arrivals)) return { ...key, outcome: 'open', decidedBy, payloads: arrivals.map(({ payload }) => payload) };
    const evidence = { arrived: ranks, missing: [], timeoutMs: this.#options.timeoutMs() };
    return { ...key, outcome: 'abort', reason: 'mismatch', decidedBy, ...evidence, arrivals };
  }

  async #waitForDecision(meeting: BarrierKey, startedAtMs: number, timeoutMs: number): Promise<Decision> {
    const { platform, worldSize } = this.#options;
    const reported = this.#news.available;
    const longest = reported ? 1000 : 250;
    const name = this.#files.decisionName(meeting.sequence);
    for (let pauseMs = reported ? 50 + 4 * worldSize : 1; ; pauseMs = Math.min(pauseMs * 1.5, longest)) {
      const leftMs = startedAtMs + timeoutMs - platform.clock.monotonicMs();
      const changed = await this.#news.next(name, leftMs > 0 ? Math.min(pauseMs, leftMs) : pauseMs);
      const decision = changed ? this.#files.readDecision(meeting.sequence) : this.#look(meeting, startedAtMs, timeoutMs);
      if (decision !== undefined) return decision;
    }
  }

  #look(meeting: BarrierKey, startedAtMs: number, timeoutMs: number): Decision | undefined {
    const newest = Math.max(-1, ...this.#files.decided());
    if (newest >= meeting.sequence) {
      const decision = this.#files.readDecision(meeting.sequence);
      if (decision === undefined && newest > meeting.sequence) throw rankOvertaken(this.#options.rank, meeting, newest);
      if (decision !== undefined) return decision;
    }
    const decision = this.#decideIfAllArrived(meeting, 'listing');
    if (decision !== undefined || this.#options.platform.clock.monotonicMs() - startedAtMs < timeoutMs) return decision;
    return this.#giveUp(meeting, timeoutMs);
  }

  #giveUp({ sequence, name }: BarrierKey, timeoutMs: number): Decision | undefined {
    const { rank, worldSize } = this.#options;
    const arrived = this.#files.arrivedRanks(sequence);
    const missing = Array.from({ length: worldSize }, (_, r) => r).filter((r) => !arrived.includes(r));
    const arrivals = this.#files.readArrivals(sequence, arrived);
    const evidence = { arrived, missing, timeoutMs, arrivals };
    return this.#files.decide({ sequence, name, outcome: 'abort', reason: 'timeout', decidedBy: rank, ...evidence });
  }

  #obey(decision: Decision, { sequence, name }: BarrierKey, waitedMs: number): readonly Json[] {
    const { journal } = this.#options;
    if (decision.outcome === 'open') {
      journal.append({ type: 'barrier:passed', sequence, name, waitedMs });
      return decision.payloads;
    }
    const { reason, missing } = decision;
    journal.append({ type: 'barrier:aborted', sequence, name, reason, missing });
    throw barrierAborted(decision);
  }
}

const agree = (arrivals: readonly Arrival[]): boolean =>
  arrivals.every(({ name, fingerprint }) => name === arrivals[0]?.name && fingerprint === arrivals[0].fingerprint);

/** FNV-1a over UTF-8, 32 bits as hexadecimal digits: loading a cryptographic library costs more than all barriers of a run. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

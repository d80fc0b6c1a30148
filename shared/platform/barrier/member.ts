import type { AbortedBarrier, AbortReason, Arrival, BarrierKey, Decision } from '../../contracts/barrier.ts';
import type { Journal } from '../../contracts/journal.ts';
import type { Json } from '../../contracts/json.ts';
import type { Platform } from '../platform.ts';
import type { RankProgress } from '../rank-progress.ts';
import { barrierAborted, rankDuplicated, rankOvertaken } from './barrier-error.ts';
import { BarrierFiles } from './barrier-files.ts';
import { decisionName } from './barrier-paths.ts';
import { Lookout } from './barrier-wait.ts';
import { agree, fingerprintOf } from './fingerprint.ts';
import { Patience } from './patience.ts';

/** What one rank brings to the barriers of an attempt. */
export interface MemberOptions {
  readonly platform: Platform;
  /** The attempt's `barriers` directory, shared by all ranks; made when missing. */
  readonly directory: string;
  readonly rank: number;
  readonly worldSize: number;
  /** How long it waits unless within() says otherwise; milliseconds, Infinity for ever. */
  readonly timeoutMs: number;
  /** While a missing rank gets on, a barrier waits longer than that, but no longer than this; milliseconds. */
  readonly hardTimeoutMs?: number;
  /** Says whether missing ranks get on; without it they do not. */
  readonly progress?: RankProgress;
  readonly journal: Journal;
  /** Asked within the call of wait(): where the program called it, null where that is not known. */
  readonly callSite?: () => string | null;
  /** Other processes have been this rank before, and others may be after this one: goes on where they ended. */
  readonly resumes?: boolean;
}

/** A call of wait(). */
export interface Call extends BarrierKey {
  readonly callSite: string | null;
  readonly payload: Json;
  readonly given: string | undefined;
  readonly timeoutMs: number;
}

/** A rank at a barrier. */
interface Visit {
  readonly arrival: Arrival;
  readonly startedAtMs: number;
  readonly patience: Patience;
  /** How often the rank has looked whether the barrier is decided. */
  looks: number;
}

/** Where looking is dear one rank looks who has arrived, and the others do so every so many times: it may be gone. */
const SELDOM = 8;

/** One rank at the barriers of an attempt, one after the other. */
export class Member {
  readonly #options: MemberOptions;
  readonly #files: BarrierFiles;
  readonly #lookout: Lookout;
  readonly #everybody: readonly number[];
  /** Sequence of the barrier that opened last. */
  #lastOpened = -1;
  /** Who was the last to arrive there, and so may be the last again. */
  #lastToArrive = 0;
  /** The barrier that was given up: where other processes may be this rank, all of them are told so. */
  #aborted: AbortedBarrier | undefined;

  constructor(options: MemberOptions) {
    const { platform, directory, rank, worldSize } = options;
    this.#options = options;
    this.#everybody = Array.from({ length: worldSize }, (_, each) => each);
    this.#files = new BarrierFiles(platform, directory, rank);
    this.#lookout = new Lookout(platform.disk, platform.clock, this.#files.decisions, worldSize);
  }

  close(): void {
    this.#lookout.close();
    if (this.#options.resumes === true) this.#files.removePrivate();
  }

  /** The sequence of the barrier behind the last one at which this rank was. */
  resume(): number {
    const last = this.#files.lastOwnArrival();
    if (last === undefined) return 0;
    const decision = this.#files.readDecision(last.sequence);
    if (decision === undefined) throw rankDuplicated(last, this.#options.platform);
    if (decision.outcome === 'abort') throw barrierAborted(decision);
    this.#files.removeOwnArrivals(last.sequence - 1);
    this.#lastOpened = last.sequence;
    this.#lastToArrive = decision.decidedBy;
    return last.sequence + 1;
  }

  async meet(call: Call): Promise<readonly Json[]> {
    if (this.#aborted !== undefined) throw barrierAborted(this.#aborted);
    const visit = this.#arrive(call);
    const made = this.#lookout.isTold ? this.#askByName(visit) : this.#askByListing(visit);
    // All have been at the barrier that opened last, and so have read every decision before it.
    this.#files.release(this.#lastOpened - 1);
    return this.#obey(made ?? (await this.#waitForDecision(visit)), visit);
  }

  #arrive({ sequence, name, given, callSite, payload, timeoutMs }: Call): Visit {
    const { platform, journal, rank, worldSize, hardTimeoutMs: hardMs = 0, progress } = this.#options;
    const { pid, host, clock } = platform;
    const startedAtMs = clock.monotonicMs();
    journal.append({ type: 'barrier:arrived', sequence, name, callSite });
    const fingerprint = fingerprintOf({ sequence, name, callSite, ...(given === undefined ? {} : { given }) });
    const caller = { rank, worldSize, pid, host };
    const times = { arrivedAtMs: clock.nowMs(), timeoutMs: Number.isFinite(timeoutMs) ? timeoutMs : null };
    const what = { sequence, name, fingerprint, callSite, ...(given === undefined ? {} : { given }) };
    const arrival = { ...what, ...caller, ...times, payload };
    const standing = this.#files.arrive(arrival);
    if (standing !== undefined) throw rankDuplicated(standing, platform);
    return { arrival, startedAtMs, looks: 0, patience: new Patience({ startedAtMs, quietMs: timeoutMs, hardMs, progress }) };
  }

  #waitForDecision(visit: Visit): Promise<Decision> {
    const { sequence } = visit.arrival;
    const name = decisionName(sequence);
    return this.#lookout.until(
      name,
      () => visit.patience.deadlineMs(),
      (isReported) => (isReported ? this.#files.readDecision(sequence) : this.#look(visit)),
    );
  }

  /** What a rank does when nothing was reported: reports get lost, and the last to arrive may have died before it decided. */
  #look(visit: Visit): Decision | undefined {
    const { arrival } = visit;
    const found = this.#findDecision(arrival);
    if (found !== undefined || !this.#takesStock(visit)) return found;
    const ranks = this.#files.arrivedRanks(arrival.sequence);
    const made = this.#decideIfAll(visit, ranks);
    if (made !== undefined || this.#hasTime(visit, ranks)) return made;
    return this.#giveUp(visit, this.#readArrivals(visit, ranks), 'timeout');
  }

  /** Whether it is this rank's turn to look who has arrived: of N that do, each sees N files. */
  #takesStock(visit: Visit): boolean {
    visit.looks += 1;
    const { rank, platform } = this.#options;
    const isTurn = this.#lookout.isTold || rank === 0 || visit.looks % SELDOM === 0;
    return isTurn || platform.clock.monotonicMs() >= visit.patience.deadlineMs();
  }

  #hasTime({ patience }: Visit, here: readonly number[]): boolean {
    const nowMs = this.#options.platform.clock.monotonicMs();
    patience.look(
      this.#everybody.filter((rank) => !here.includes(rank)),
      nowMs,
    );
    return nowMs < patience.deadlineMs();
  }

  #findDecision(key: BarrierKey): Decision | undefined {
    const newest = Math.max(-1, ...this.#files.decided());
    if (newest < key.sequence) return undefined;
    const decision = this.#files.readDecision(key.sequence);
    if (decision === undefined && newest > key.sequence) throw rankOvertaken(this.#options.rank, key, newest);
    return decision;
  }

  #askByName(visit: Visit): Decision | undefined {
    const { sequence } = visit.arrival;
    if (this.#seesAll(sequence)) return this.#decideIfAll(visit, this.#everybody);
    return this.#compare(
      visit,
      this.#everybody.find((each) => each !== visit.arrival.rank && this.#files.hasArrived(sequence, each)),
    );
  }

  #askByListing(visit: Visit): Decision | undefined {
    const ranks = this.#files.arrivedRanks(visit.arrival.sequence);
    if (ranks.length === this.#options.worldSize) return this.#decideIfAll(visit, ranks);
    return this.#compare(
      visit,
      ranks.find((each) => each !== visit.arrival.rank),
    );
  }

  /** Asks first for the rank that was the last before: it may well be missing again. */
  #seesAll(sequence: number): boolean {
    const { worldSize } = this.#options;
    return this.#everybody.every((rank) => this.#files.hasArrived(sequence, (this.#lastToArrive + rank) % worldSize));
  }

  /** With the lowest other rank that is here: so the second to arrive at another barrier than the first already says so. */
  #compare(visit: Visit, other: number | undefined): Decision | undefined {
    return other === undefined
      ? undefined
      : this.#refuseMismatch(visit, this.#readArrivals(visit, [visit.arrival.rank, other].sort(ascending)));
  }

  #refuseMismatch(visit: Visit, arrivals: readonly Arrival[]): Decision | undefined {
    return agree(arrivals) ? undefined : this.#giveUp(visit, arrivals, 'mismatch');
  }

  #decideIfAll(visit: Visit, ranks: readonly number[]): Decision | undefined {
    const arrivals = this.#readArrivals(visit, ranks);
    const refused = this.#refuseMismatch(visit, arrivals);
    if (refused !== undefined || arrivals.length < this.#options.worldSize) return refused;
    const { sequence, name } = visit.arrival;
    const payloads = arrivals.map(({ payload }) => payload);
    return this.#files.decide({ sequence, name, outcome: 'open', decidedBy: this.#options.rank, payloads });
  }

  #giveUp(visit: Visit, arrivals: readonly Arrival[], reason: AbortReason): Decision | undefined {
    const { sequence, name } = visit.arrival;
    const arrived = arrivals.map((arrival) => arrival.rank);
    const missing = this.#everybody.filter((each) => !arrived.includes(each));
    const nowMs = this.#options.platform.clock.monotonicMs();
    const waitedMs = this.#files.placedAgoMs(sequence) ?? nowMs - visit.startedAtMs;
    const wait = {
      timeoutMs: visit.patience.limitMs(),
      waitedMs: Math.round(waitedMs),
      gettingOn: visit.patience.gettingOn(nowMs),
    };
    const evidence = { arrived, missing, ...wait, arrivals };
    return this.#files.decide({ sequence, name, outcome: 'abort', reason, decidedBy: this.#options.rank, ...evidence });
  }

  /** Those of the ranks that can be read: where a listing is ahead of the files, the rest have not arrived yet. */
  #readArrivals({ arrival }: Visit, ranks: readonly number[]): readonly Arrival[] {
    const read = ranks.map((rank) => (rank === arrival.rank ? arrival : this.#files.readArrival(arrival.sequence, rank)));
    return read.filter((each) => each !== undefined);
  }

  #obey(decision: Decision, { arrival: { sequence, name }, startedAtMs }: Visit): readonly Json[] {
    const { journal, platform } = this.#options;
    if (decision.outcome === 'open') {
      this.#lastOpened = sequence;
      this.#lastToArrive = decision.decidedBy;
      const waitedMs = Math.round((platform.clock.monotonicMs() - startedAtMs) * 1000) / 1000;
      journal.append({ type: 'barrier:passed', sequence, name, waitedMs });
      return decision.payloads;
    }
    const { reason, missing } = decision;
    if (this.#options.resumes === true) this.#aborted = decision;
    journal.append({ type: 'barrier:aborted', sequence, name, reason, missing });
    throw barrierAborted(decision);
  }
}

const ascending = (a: number, b: number): number => a - b;

import type { Arrival, Decision } from '../contracts/barrier.ts';
import type { AppendOnlyFile, Disk } from './disk.ts';
import type { Platform } from './platform.ts';

/** Barriers take turns in so many directories, which therefore stay small. */
const SLOTS = 3;

/** Outcomes are removed so many at a time: every removal wakes up all who wait for the next outcome. */
const DECISIONS_KEPT = 32;

/**
 * The files of an attempt's barriers, below one directory:
 *
 *     arrivals-<sequence mod 3>/<sequence>-rank-<r>   an arrival, one line of JSON; the sequence in six digits
 *     count-<sequence mod 3>                          one byte for each arrival so far
 *     decisions/<sequence>.json                       an outcome, one line of JSON
 *     tmp/                                            private names
 *
 * Arrivals and outcomes appear together with their content and do not change while anybody may read them: they are written
 * in `tmp/` and linked into their place. Making a file costs five times as much as writing one that is there, so a rank
 * writes its arrival at barrier k into the file of barrier k-3, which everybody has passed; spaces fill what was longer
 * before. Methods throw the file system's errors.
 */
export class BarrierFiles {
  /** The directory in which outcomes appear. */
  readonly decisions: string;
  readonly #directory: string;
  readonly #temporary: string;
  readonly #disk: Disk;
  readonly #counts: readonly AppendOnlyFile[];
  readonly #slots = new Map<number, { readonly arrival: string; readonly bytes: number }>();

  /** Makes the directories. */
  constructor({ disk, pid, host }: Platform, directory: string, rank: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.decisions = `${directory}/decisions`;
    // Two processes that both believe to be this rank must not share a temporary file.
    this.#temporary = `${directory}/tmp/rank-${rank}-${pid}-${encodeURIComponent(host)}`;
    disk.makeDirectory(`${directory}/tmp`);
    disk.makeDirectory(this.decisions);
    for (let slot = 0; slot < SLOTS; slot += 1) disk.makeDirectory(this.#barrierPath(slot));
    this.#counts = Array.from({ length: SLOTS }, (_, slot) => disk.openAppend(`${directory}/count-${slot}`));
  }

  /** Puts an arrival down. Gives the one that stands in its place, if another was first. */
  arrive(arrival: Arrival): Arrival | undefined {
    const path = this.#arrivalPath(arrival.sequence, arrival.rank);
    const text = `${JSON.stringify(arrival)}\n`;
    if (this.#disk.linkIfFree(this.#writeIntoSlot(arrival.sequence, path, text), path)) {
      this.#count(arrival.sequence)?.append('.');
      return undefined;
    }
    const standing = this.#disk.readText(path);
    // Network file systems repeat a request whose answer was lost, and then refuse what they have done.
    return standing.trimEnd() === text.trimEnd() ? undefined : JSON.parse(standing);
  }

  /**
   * Whether all have arrived, by the count: true is certain. False is not, where a rank died between its arrival and its
   * byte, or where the file system loses bytes that are appended at once; then the listing tells.
   */
  countsAll(sequence: number, worldSize: number): boolean {
    return this.#count(sequence)?.size() === worldSize * (Math.floor(sequence / SLOTS) + 1);
  }

  /** The ranks that have arrived, ascending. */
  arrivedRanks(sequence: number): readonly number[] {
    const names = this.#disk.list(this.#barrierPath(sequence));
    const prefix = `${digits(sequence)}-rank-`;
    return names
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((a, b) => a - b);
  }

  readArrivals(sequence: number, ranks: readonly number[]): readonly Arrival[] {
    return ranks.map((rank): Arrival => JSON.parse(this.#disk.readText(this.#arrivalPath(sequence, rank))));
  }

  /** Puts a decision down unless one stands there. Gives the one that stands; undefined while it cannot be read yet. */
  decide(decision: Decision): Decision | undefined {
    const temporary = `${this.#temporary}-decision`;
    this.#disk.write(temporary, `${JSON.stringify(decision)}\n`);
    const placed = this.#disk.linkIfFree(temporary, this.#decisionPath(decision.sequence));
    this.#disk.removeFile(temporary);
    return placed ? decision : this.readDecision(decision.sequence);
  }

  readDecision(sequence: number): Decision | undefined {
    const text = this.#disk.readTextIfAny(this.#decisionPath(sequence));
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The name whose appearance in {@link decisions} is the outcome of a barrier. */
  decisionName = (sequence: number): string => `${digits(sequence)}.json`;

  /** The barriers whose outcome stands. A listing, because network file systems remember that a name was missing. */
  decided(): readonly number[] {
    return this.#disk.list(this.decisions).map((name) => Number.parseInt(name, 10));
  }

  /** For who decided a barrier: now and then removes outcomes that everybody has read. */
  tidy(sequence: number): void {
    if (sequence % DECISIONS_KEPT !== 0) return;
    for (let old = Math.max(0, sequence - DECISIONS_KEPT - 1); old <= sequence - 2; old += 1) {
      this.#disk.removeFile(this.#decisionPath(old));
    }
  }

  /** Returns the path of a private file with the text. */
  #writeIntoSlot(sequence: number, arrival: string, text: string): string {
    const slot = sequence % SLOTS;
    const path = `${this.#temporary}-${slot}`;
    const bytes = Buffer.byteLength(text);
    const before = this.#slots.get(slot);
    this.#slots.set(slot, { arrival, bytes: Math.max(bytes, before?.bytes ?? 0) });
    if (before === undefined) {
      this.#disk.write(path, text);
      return path;
    }
    this.#disk.removeFile(before.arrival);
    this.#disk.overwrite(path, `${text}${' '.repeat(Math.max(0, before.bytes - bytes))}`);
    return path;
  }

  #count = (sequence: number): AppendOnlyFile | undefined => this.#counts[sequence % SLOTS];
  #barrierPath = (sequence: number): string => `${this.#directory}/arrivals-${sequence % SLOTS}`;
  #arrivalPath = (sequence: number, rank: number): string => `${this.#barrierPath(sequence)}/${digits(sequence)}-rank-${rank}`;
  #decisionPath = (sequence: number): string => `${this.decisions}/${this.decisionName(sequence)}`;
}

const digits = (sequence: number): string => String(sequence).padStart(6, '0');

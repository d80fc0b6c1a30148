import type { Arrival, Decision } from '../contracts/barrier.ts';
import type { Disk } from './disk.ts';
import type { Platform } from './platform.ts';

/**
 * The files of an attempt's barriers, below one directory:
 *
 *     arrivals-<sequence mod 3>/<sequence>-rank-<r>   an arrival, one line of JSON; the sequence in six digits
 *     decisions/<sequence>.json                       an outcome, one line of JSON
 *     tmp/                                            private names
 *
 * A file appears together with its content and does not change while anybody may read it: it is written in `tmp/` and
 * linked into its place. Making a file costs five times as much as writing one that is there, so a rank takes its files of
 * old barriers back and writes them again, spaces at the end filling what was longer before. Methods throw the file system's errors.
 */
export class BarrierFiles {
  /** The directory in which outcomes appear. */
  readonly decisions: string;
  readonly #directory: string;
  readonly #temporary: string;
  readonly #disk: Disk;
  readonly #placed: { sequence: number; path: string; temporary: Spare }[] = [];
  readonly #spare: Spare[] = [];
  #made = 0;

  /** Makes the directories. */
  constructor({ disk, pid, host }: Platform, directory: string, rank: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.decisions = `${directory}/decisions`;
    // Two processes that both believe to be this rank must not share a temporary file.
    this.#temporary = `${directory}/tmp/rank-${rank}-${pid}-${encodeURIComponent(host)}`;
    disk.makeDirectory(`${directory}/tmp`);
    disk.makeDirectory(this.decisions);
    for (let slot = 0; slot < 3; slot += 1) disk.makeDirectory(this.#barrierPath(slot));
  }

  /** Puts an arrival down. Gives the one that stands in its place, if another was first. */
  arrive(arrival: Arrival): Arrival | undefined {
    const path = this.#arrivalPath(arrival.sequence, arrival.rank);
    const text = `${JSON.stringify(arrival)}\n`;
    if (this.#place(arrival.sequence, path, text)) return undefined;
    const standing = this.#disk.readText(path);
    // Network file systems repeat a request whose answer was lost, and then refuse what they have done.
    return standing.trimEnd() === text.trimEnd() ? undefined : JSON.parse(standing);
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
    const path = this.#decisionPath(decision.sequence);
    const placed = this.#place(decision.sequence, path, `${JSON.stringify(decision)}\n`);
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

  /** Takes this rank's files of barriers up to this one back; nobody may still read them. */
  release(upTo: number): void {
    for (let oldest = this.#placed[0]; oldest !== undefined && oldest.sequence <= upTo; oldest = this.#placed[0]) {
      this.#disk.removeFile(oldest.path);
      this.#spare.push(oldest.temporary);
      this.#placed.shift();
    }
  }

  #place(sequence: number, path: string, text: string): boolean {
    const temporary = this.#write(text);
    const placed = this.#disk.linkIfFree(temporary.path, path);
    if (placed) this.#placed.push({ sequence, path, temporary });
    else this.#spare.push(temporary);
    return placed;
  }

  #write(text: string): Spare {
    const bytes = Buffer.byteLength(text);
    const spare = this.#spare.pop();
    if (spare === undefined) {
      const path = `${this.#temporary}-${this.#made++}`;
      this.#disk.write(path, text);
      return { path, bytes };
    }
    this.#disk.overwrite(spare.path, `${text}${' '.repeat(Math.max(0, spare.bytes - bytes))}`);
    return { path: spare.path, bytes: Math.max(spare.bytes, bytes) };
  }

  #barrierPath = (sequence: number): string => `${this.#directory}/arrivals-${sequence % 3}`;
  #arrivalPath = (sequence: number, rank: number): string => `${this.#barrierPath(sequence)}/${digits(sequence)}-rank-${rank}`;
  #decisionPath = (sequence: number): string => `${this.decisions}/${this.decisionName(sequence)}`;
}

/** A private file that can be written again. */
interface Spare {
  readonly path: string;
  readonly bytes: number;
}

const digits = (sequence: number): string => String(sequence).padStart(6, '0');

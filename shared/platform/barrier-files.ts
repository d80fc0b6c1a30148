import type { Arrival, Decision } from '../contracts/barrier.ts';
import type { Disk } from './disk.ts';
import type { Platform } from './platform.ts';

/** A file in `tmp/` that may be written again, and its size in bytes. */
interface Spare {
  readonly path: string;
  readonly size: number;
}

/** A file of ours at a barrier: `path` and `spare.path` are two names of it. */
interface Placed {
  readonly sequence: number;
  readonly path: string;
  readonly spare: Spare;
}

/** A file that once grew beyond this is not kept for another use; bytes. */
const LARGEST_SPARE = 4096;

/**
 * The files of an attempt's barriers, below one directory:
 *
 *     arrivals-<sequence mod 3>/<sequence>-rank-<r>   an arrival, one line of JSON
 *     decisions/<sequence>.json                       an outcome, one line of JSON
 *     tmp/                                            private names
 *
 * Sequences have six digits, and spaces may follow a line. A file appears together with its content: it is written in `tmp/`
 * and linked into its place. Each rank removes what it placed itself. Methods throw the file system's errors.
 */
export class BarrierFiles {
  /** The directory in which outcomes appear. */
  readonly decisions: string;
  readonly #directory: string;
  readonly #temporary: string;
  readonly #disk: Disk;
  readonly #placed: Placed[] = [];
  readonly #spares: Spare[] = [];
  #made = 0;

  /** Makes the directories. */
  constructor({ disk, pid, host }: Platform, directory: string, rank: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.decisions = `${directory}/decisions`;
    // Two processes that both believe to be this rank must not write the same temporary file.
    this.#temporary = `${directory}/tmp/rank-${rank}-${pid}-${encodeURIComponent(host)}`;
    const present = disk.list(directory);
    for (const name of ['tmp', 'decisions', 'arrivals-0', 'arrivals-1', 'arrivals-2'])
      if (!present.includes(name)) disk.makeDirectory(`${directory}/${name}`);
  }

  /** Puts an arrival down. Gives the one that stands in its place, if another was first. */
  arrive(arrival: Arrival): Arrival | undefined {
    const path = this.#arrivalPath(arrival.sequence, arrival.rank);
    const text = JSON.stringify(arrival);
    if (this.#place(arrival.sequence, path, text)) return undefined;
    const standing = this.#disk.readText(path).trim();
    // Network file systems repeat a request whose answer was lost, and then refuse what they have done.
    return standing === text ? undefined : parse(standing);
  }

  /** The ranks that have arrived, ascending. */
  arrivedRanks(sequence: number): readonly number[] {
    const prefix = `${digits(sequence)}-rank-`;
    const names = this.#disk.list(this.#arrivals(sequence)).filter((name) => name.startsWith(prefix));
    return names.map((name) => Number(name.slice(prefix.length))).sort((a, b) => a - b);
  }

  /** Whether one rank has arrived: cheaper than a listing, and not to be trusted to say no on network file systems. */
  hasArrived(sequence: number, rank: number): boolean {
    return this.#disk.kindOf(this.#arrivalPath(sequence, rank)) !== 'nothing';
  }

  /** Undefined while it cannot be read yet. */
  readArrival(sequence: number, rank: number): Arrival | undefined {
    return parse(this.#disk.readTextIfAny(this.#arrivalPath(sequence, rank)));
  }

  /** Puts a decision down unless one stands there. Gives the one that stands; undefined while it cannot be read yet. */
  decide(decision: Decision): Decision | undefined {
    const placed = this.#place(decision.sequence, this.#decisionPath(decision.sequence), JSON.stringify(decision));
    return placed ? decision : this.readDecision(decision.sequence);
  }

  readDecision(sequence: number): Decision | undefined {
    return parse(this.#disk.readTextIfAny(this.#decisionPath(sequence)));
  }

  /** The name of an outcome in `decisions`. */
  decisionName = (sequence: number): string => `${digits(sequence)}.json`;

  /** The barriers whose outcome stands. A listing, because network file systems remember that a name was missing. */
  decided(): readonly number[] {
    return this.#disk.list(this.decisions).map((name) => Number.parseInt(name, 10));
  }

  /** Removes what this rank placed at barriers up to and including `sequence`. Nobody may look at them any more. */
  release(sequence: number): void {
    for (let first = this.#placed[0]; first !== undefined && first.sequence <= sequence; first = this.#placed[0]) {
      this.#disk.removeFile(first.path);
      this.#placed.shift();
      this.#keep(first.spare);
    }
  }

  #place(sequence: number, path: string, text: string): boolean {
    const spare = this.#write(text);
    const isPlaced = this.#disk.linkIfFree(spare.path, path);
    if (isPlaced) this.#placed.push({ sequence, path, spare });
    // Where only the answer was lost, this file is the one that stands there: it must not be written again.
    else this.#disk.removeFile(spare.path);
    return isPlaced;
  }

  // Files are used again because ext4 searches past every inode that was freed in the last minutes when it makes a new one.
  #write(line: string): Spare {
    const spare = this.#spares.pop() ?? { path: `${this.#temporary}-${this.#made++}`, size: 0 };
    const size = Buffer.byteLength(line) + 1;
    if (spare.size === 0) this.#disk.write(spare.path, `${line}\n`);
    else this.#disk.overwrite(spare.path, `${line}\n${' '.repeat(Math.max(0, spare.size - size))}`);
    return { path: spare.path, size: Math.max(spare.size, size) };
  }

  #keep(spare: Spare): void {
    if (spare.size <= LARGEST_SPARE) this.#spares.push(spare);
    else this.#disk.removeFile(spare.path);
  }

  #arrivals = (sequence: number): string => `${this.#directory}/arrivals-${sequence % 3}`;
  #arrivalPath = (sequence: number, rank: number): string => `${this.#arrivals(sequence)}/${digits(sequence)}-rank-${rank}`;
  #decisionPath = (sequence: number): string => `${this.decisions}/${this.decisionName(sequence)}`;
}

/** What stands in a file has been linked there whole, by a client of this protocol. */
const parse = <T extends Arrival | Decision>(text: string | undefined): T | undefined =>
  text === undefined ? undefined : JSON.parse(text);

const digits = (sequence: number): string => String(sequence).padStart(6, '0');

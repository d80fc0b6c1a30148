import { basename } from 'node:path';
import type { Arrival, Decision } from '../../contracts/barrier.ts';
import type { Disk } from '../disk.ts';
import type { Platform } from '../platform.ts';
import { type BarrierPaths, barrierPaths, readArrivalName, sequencesOf } from './barrier-paths.ts';

/** A file in `tmp/` that may be written again, and its size in bytes. */
interface Spare {
  readonly path: string;
  readonly size: number;
}

/** A file of ours that was put down at a barrier. */
interface Placed {
  readonly sequence: number;
  readonly spare: Spare;
}

/** A file that once grew beyond this is not kept for another use; bytes. */
const LARGEST_SPARE = 4096;

/**
 * The files of an attempt's barriers. A file appears together with its content: it is written in `tmp/` and linked into its
 * place. Each rank removes its own arrivals; who decides to open removes the outcome two barriers before.
 * Methods throw the file system's errors.
 */
export class BarrierFiles {
  readonly #paths: BarrierPaths;
  readonly #temporary: string;
  readonly #disk: Disk;
  readonly #rank: number;
  readonly #arrived: Placed[] = [];
  readonly #decided: Placed[] = [];
  readonly #spares: Spare[] = [];
  #made = 0;

  /** Makes the directories. */
  constructor({ disk, pid, host }: Platform, directory: string, rank: number) {
    this.#disk = disk;
    this.#paths = barrierPaths(directory);
    this.#rank = rank;
    // Two processes that both believe to be this rank must not write the same temporary file.
    this.#temporary = `${this.#paths.temporary}/rank-${rank}-${pid}-${encodeURIComponent(host)}`;
    const present = disk.list(directory);
    for (const path of [this.#paths.temporary, this.#paths.decisions, ...this.#paths.allArrivals])
      if (!present.includes(basename(path))) disk.makeDirectory(path);
  }

  /** The directory in which outcomes appear. */
  get decisions(): string {
    return this.#paths.decisions;
  }

  /** Puts an arrival down. Gives the one that stands in its place, if another was first. */
  arrive(arrival: Arrival): Arrival | undefined {
    const path = this.#paths.arrival(arrival.sequence, this.#rank);
    const text = JSON.stringify(arrival);
    if (this.#place(arrival.sequence, path, text, this.#arrived)) return undefined;
    const standing = this.#disk.readText(path).trim();
    // Network file systems repeat a request whose answer was lost, and then refuse what they have done.
    return standing === text ? undefined : parse(standing);
  }

  /** What this rank put down last, in whichever of its processes. */
  lastOwnArrival(): Arrival | undefined {
    const last = Math.max(-1, ...this.#ownSequences());
    return last < 0 ? undefined : parse(this.#disk.readText(this.#paths.arrival(last, this.#rank)));
  }

  /** Removes what processes of this rank put down at barriers up to and including `sequence`. */
  removeOwnArrivals(sequence: number): void {
    for (const each of this.#ownSequences()) if (each <= sequence) this.#disk.removeFile(this.#paths.arrival(each, this.#rank));
  }

  /** Removes the private names of this process; what was put down stays. */
  removePrivate(): void {
    for (const { path } of [...this.#spares, ...[...this.#arrived, ...this.#decided].map(({ spare }) => spare)])
      this.#disk.removeFile(path);
  }

  /** The ranks that have arrived, ascending. */
  arrivedRanks(sequence: number): readonly number[] {
    const found = this.#disk.list(this.#paths.arrivals(sequence)).map(readArrivalName);
    return found.flatMap((each) => (each?.sequence === sequence ? [each.rank] : [])).sort((a, b) => a - b);
  }

  /** Whether one rank has arrived: cheaper than a listing, and not to be trusted to say no on network file systems. */
  hasArrived(sequence: number, rank: number): boolean {
    return this.#disk.kindOf(this.#paths.arrival(sequence, rank)) !== 'nothing';
  }

  /** How long ago this rank arrived, by the clock of the file system: that of the rank may be wrong. */
  placedAgoMs(sequence: number): number | undefined {
    const now = `${this.#temporary}-now`;
    this.#disk.write(now, '');
    const [thenMs, nowMs] = [this.#paths.arrival(sequence, this.#rank), now].map((path) => this.#disk.changedAtMs(path));
    this.#disk.removeFile(now);
    return thenMs === undefined || nowMs === undefined ? undefined : Math.max(0, nowMs - thenMs);
  }

  /** Undefined while it cannot be read yet. */
  readArrival(sequence: number, rank: number): Arrival | undefined {
    return parse(this.#disk.readTextIfAny(this.#paths.arrival(sequence, rank)));
  }

  /** Puts a decision down unless one stands there. Gives the one that stands; undefined while it cannot be read yet. */
  decide(decision: Decision): Decision | undefined {
    const { sequence } = decision;
    const isPlaced = this.#place(sequence, this.#paths.decision(sequence), JSON.stringify(decision), this.#decided);
    if (!isPlaced) return this.readDecision(sequence);
    // All are here, and so have read it. Removed at this moment, its name wakes nobody a second time.
    if (decision.outcome === 'open' && sequence >= 2) this.#disk.removeFile(this.#paths.decision(sequence - 2));
    return decision;
  }

  readDecision(sequence: number): Decision | undefined {
    return parse(this.#disk.readTextIfAny(this.#paths.decision(sequence)));
  }

  /** The barriers whose outcome stands. A listing, because network file systems remember that a name was missing. */
  decided(): readonly number[] {
    return sequencesOf(this.#disk.list(this.#paths.decisions));
  }

  /** Gives up what this rank placed at barriers up to and including `sequence`, all of which every rank has passed. */
  release(sequence: number): void {
    for (const arrival of takeUpTo(sequence, this.#arrived)) {
      this.#disk.removeFile(this.#paths.arrival(arrival.sequence, this.#rank));
      this.#keep(arrival.spare);
    }
    // Who decided two barriers after an outcome removed its name, and has been at the barrier after that one.
    for (const { spare } of takeUpTo(sequence - 2, this.#decided)) this.#keep(spare);
  }

  #ownSequences(): readonly number[] {
    const found = this.#paths.allArrivals.flatMap((path) => this.#disk.list(path)).map(readArrivalName);
    return found.flatMap((each) => (each?.rank === this.#rank ? [each.sequence] : []));
  }

  #place(sequence: number, path: string, text: string, placed: Placed[]): boolean {
    const spare = this.#write(text);
    const isPlaced = this.#disk.linkIfFree(spare.path, path);
    if (isPlaced) placed.push({ sequence, spare });
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
}

/** What stands in a file has been linked there whole, by a client of this protocol. */
const parse = <T extends Arrival | Decision>(text: string | undefined): T | undefined =>
  text === undefined ? undefined : JSON.parse(text);

/** Takes out of a list, ascending, what was put down at barriers up to and including `sequence`. */
const takeUpTo = (sequence: number, placed: Placed[]): readonly Placed[] =>
  placed.splice(0, placed.filter((file) => file.sequence <= sequence).length);

import { messageOf } from '../../shared/contracts/errors.ts';
import type { ByteOutput } from '../../shared/platform/byte-output.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import type { TextOutput } from '../../shared/platform/output.ts';
import type { Pipe } from '../../shared/platform/real-pipes.ts';
import { type ConsoleStream, consoleQueue, isGone } from './console-queue.ts';
import { ERASE } from './line-splitter.ts';
import { type OutletPlaces, openOutlets, type RankOutlet } from './rank-outlet.ts';
import type { RankStreams, Terminals } from './stream-plan.ts';

/** Where a console meets the machine. */
export interface ConsoleSurroundings {
  readonly outputs: Readonly<Record<ConsoleStream, ByteOutput>>;
  readonly terminals: Terminals;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly makePipes: (directory: string, count: number) => readonly Pipe[];
  /** Hears what went wrong with a file or with the console. */
  readonly warn: (text: string) => void;
}

/** The launcher's own output, shared by all ranks and by the launcher itself, line by line. */
export interface Console {
  /** Opens the files and pipes of one attempt's ranks. */
  openRanks(streams: readonly RankStreams[], places: OutletPlaces): readonly RankOutlet[];
  /** For whole lines of the launcher's own, in their order among the ranks'. */
  output(stream: ConsoleStream): TextOutput;
  /** Settles when all that was printed so far is written, or nobody is there to read it. */
  flushed(): Promise<void>;
  /** To be called when the run is to end: what nobody reads is waited for no longer. */
  hurry(): void;
}

/** Opens the console over the launcher's own streams. */
export function openConsole(surroundings: ConsoleSurroundings): Console {
  const { outputs, terminals, disk, clock, makePipes, warn } = surroundings;
  const queue = consoleQueue(outputs, clock, (stream, thrown) => {
    if (!isGone(thrown)) warn(`${stream} cannot be written: ${messageOf(thrown)}; the ranks' output is in their files`);
  });
  return {
    openRanks: (streams, places) => openOutlets({ queue, terminals, disk, clock, makePipes, warn }, streams, places),
    output: (stream) => ({
      write: (text) => queue.push(stream, Buffer.from(terminals[stream] ? `${ERASE}${text}` : text)),
    }),
    flushed: queue.flushed,
    hurry: queue.hurry,
  };
}

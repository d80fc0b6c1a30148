import { join } from 'node:path';
import { messageOf } from '../../shared/contracts/errors.ts';
import type { AppendOnlyFile } from '../../shared/platform/disk.ts';
import { closeDescriptor, dropPipes, type Pipe } from '../../shared/platform/real-pipes.ts';
import type { ConsoleSurroundings } from './console.ts';
import type { ConsoleQueue, ConsoleStream } from './console-queue.ts';
import { lineSplitter } from './line-splitter.ts';
import { followPipe, type RankPipe } from './rank-pipe.ts';
import type { RankStreams } from './stream-plan.ts';

type Surroundings = Omit<ConsoleSurroundings, 'outputs'> & { readonly queue: ConsoleQueue };

/** What a rank's process is started with: descriptors of ours, or our own streams. */
export interface OutletStreams {
  readonly stdin: 'inherit' | 'ignore';
  readonly stdout: 'inherit' | number;
  readonly stderr: 'inherit' | number;
}

/** Where the output of one attempt's ranks leaves what. */
export interface OutletPlaces {
  /** The directory of a rank's files. */
  logs(localRank: number): string;
  /** A directory that is there only while pipes are opened. */
  readonly pipes: string;
}

/** Where one rank's output goes, from before its start until after its end. */
export interface RankOutlet {
  readonly streams: OutletStreams;
  /** To be called when the rank has been started, or will not be: it has its own copies of the descriptors, and ours are closed. */
  release(): void;
  /** To be called when the rank has ended. Settles when all that it printed is in its files and on the console. */
  drained(): Promise<void>;
}

/** One stream: the descriptor that the rank is given, and what is to be done with it. */
interface OpenStream {
  readonly given: 'inherit' | number;
  release(): void;
  readonly pipe?: RankPipe;
}

const STREAMS = ['stdout', 'stderr'] as const;

/** Opens the streams of all ranks, with all their pipes at once; the directories of their files must be there. */
export function openOutlets(
  surroundings: Surroundings,
  ranks: readonly RankStreams[],
  places: OutletPlaces,
): readonly RankOutlet[] {
  const teed = ranks.flatMap((rank) => STREAMS.filter((stream) => rank[stream] === 'file and console'));
  const pipes = surroundings.makePipes(places.pipes, teed.length);
  try {
    const unused = pipes.values();
    const nextPipe = (): Pipe | undefined => unused.next().value;
    return ranks.map((rank) => openOutlet(surroundings, rank, places.logs(rank.localRank), nextPipe));
  } catch (thrown) {
    dropPipes(pipes);
    throw thrown;
  }
}

function openOutlet(
  surroundings: Surroundings,
  rank: RankStreams,
  directory: string,
  nextPipe: () => Pipe | undefined,
): RankOutlet {
  const open = (stream: ConsoleStream): OpenStream => {
    if (rank[stream] === 'inherit') return { given: 'inherit', release: () => undefined };
    const file = openFile(surroundings, directory, stream);
    const pipe = rank[stream] === 'file and console' ? nextPipe() : undefined;
    return pipe === undefined ? toFile(file) : throughPipe(surroundings, rank, stream, file, pipe);
  };
  return outlet(surroundings, rank, open('stdout'), open('stderr'));
}

const openFile = ({ disk }: Surroundings, directory: string, stream: ConsoleStream): AppendOnlyFile =>
  disk.openAppend(join(directory, `${stream}.log`));

/** The rank writes into its file itself. */
const toFile = (file: AppendOnlyFile): OpenStream => ({ given: file.descriptor, release: () => file.close() });

function throughPipe(
  { queue, terminals, warn }: Surroundings,
  { rank, prefix }: RankStreams,
  stream: ConsoleStream,
  file: AppendOnlyFile,
  { reader, writeDescriptor }: Pipe,
): OpenStream {
  const splitter = lineSplitter({ prefix, isTerminal: terminals[stream] });
  const onFileLost = (thrown: unknown): void =>
    warn(`rank ${rank}: ${stream}.log is not complete: ${messageOf(thrown)}; the rest is on the console only`);
  const pipe = followPipe(reader, { stream, splitter, queue, file, onFileLost });
  return { given: writeDescriptor, release: () => closeDescriptor(writeDescriptor), pipe };
}

const outlet = ({ queue, clock }: Surroundings, { stdin }: RankStreams, stdout: OpenStream, stderr: OpenStream): RankOutlet => ({
  streams: { stdin, stdout: stdout.given, stderr: stderr.given },
  release: () => {
    stdout.release();
    stderr.release();
  },
  drained: async () => {
    await Promise.all([stdout.pipe?.drained(clock), stderr.pipe?.drained(clock)]);
    await queue.flushed();
  },
});

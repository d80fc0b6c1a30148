import type { Readable } from 'node:stream';
import type { Clock } from '../../shared/platform/clock.ts';
import type { AppendOnlyFile } from '../../shared/platform/disk.ts';
import type { ConsoleQueue, ConsoleStream } from './console-queue.ts';
import type { LineSplitter } from './line-splitter.ts';

/** After the rank's end its pipe is looked after so many times; somebody whom it started may hold it open for ever. */
const LOOKS = 10;
const LOOK_MS = 100;
/** More than a pipe can hold: what comes beyond it after the rank's end is not the rank's. */
const PIPE_BYTES = 1024 * 1024;

/** Where what comes out of a pipe goes. */
export interface PipeTargets {
  readonly stream: ConsoleStream;
  readonly splitter: LineSplitter;
  readonly queue: ConsoleQueue;
  readonly file: AppendOnlyFile;
  /** Hears why the file does not grow any more. */
  readonly onFileLost: (thrown: unknown) => void;
}

/** One stream of one rank on its way. */
export interface RankPipe {
  /**
   * To be called when the rank has ended. Settles when all that it printed is on its way; that is at the pipe's end or, if somebody
   * else holds it open, a second later, not counting the time in which a slow console held up the reading.
   */
  drained(clock: Clock): Promise<void>;
}

/** Lets a pipe flow: its bytes to the file as they are, its lines to the console; no faster than both take them. */
export function followPipe(reader: Readable, { stream, splitter, queue, file, onFileLost }: PipeTargets): RankPipe {
  let isLost = false;
  /** A file that cannot be written, or not even closed, is said once. */
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (thrown) {
      if (!isLost) onFileLost(thrown);
      isLost = true;
    }
  };
  let bytes = 0;
  let wasHeldUp = false;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (!isLost) attempt(() => file.append(chunk));
    queue.push(stream, splitter.feed(chunk));
    if (!queue.isFull()) return;
    wasHeldUp = true;
    reader.pause();
    queue.whenRoom(() => reader.resume());
  };
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      reader.off('data', take).off('end', end).off('close', end);
      queue.push(stream, splitter.end());
      attempt(() => file.close());
      resolve();
    };
    // A pipe that cannot be read has ended: it closes, too.
    reader.on('error', () => undefined);
    reader.on('data', take).on('end', end).on('close', end);
  });
  const isHeldUp = (): boolean => {
    const held = wasHeldUp;
    wasHeldUp = reader.isPaused();
    return held;
  };
  return {
    drained: async (clock) => {
      const limit = bytes + PIPE_BYTES;
      const stop = afterLooks(
        clock,
        () => isHeldUp() && bytes < limit,
        () => reader.destroy(),
      );
      await ended;
      stop();
    },
  };
}

/** Counting looks and not time: a process that a slow disk kept from reading has more of it. */
function afterLooks(clock: Clock, isExcused: () => boolean, giveUp: () => void): () => void {
  let cancel = (): void => undefined;
  const look = (left: number): void => {
    if (left === 0) giveUp();
    else cancel = clock.after(LOOK_MS, () => look(isExcused() ? left : left - 1));
  };
  look(LOOKS);
  return () => cancel();
}

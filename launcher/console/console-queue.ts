import type { ByteOutput } from '../../shared/platform/byte-output.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { codeOf } from '../../shared/platform/disk.ts';

/** The launcher's own streams. */
export type ConsoleStream = 'stdout' | 'stderr';

/** So many bytes may wait for the console before whoever makes more is asked to stop. */
const ENOUGH_BYTES = 1024 * 1024;

/** In a hurry, a write that has made no end from one look to the next is given up. */
const LOOK_EVERY_MS = 1000;

/** Whole lines on their way to the console: one write at a time, so that no line is cut by another, be it on the other stream. */
export interface ConsoleQueue {
  push(stream: ConsoleStream, lines: Buffer): void;
  /** Whether no more should be made for now. */
  isFull(): boolean;
  /** Calls back once when it is no longer full. */
  whenRoom(callback: () => void): void;
  /** Settles when all that was pushed so far is written or dropped. */
  flushed(): Promise<void>;
  /** From now on, a stream that nobody reads is lost within two seconds. */
  hurry(): void;
}

interface Waiting {
  readonly stream: ConsoleStream;
  readonly lines: Buffer;
  readonly written?: () => void;
}

/** Hears of the first write that failed on a stream; what follows on that stream is dropped. */
export type OnLost = (stream: ConsoleStream, thrown: unknown) => void;

/** Writes to these outputs. */
export function consoleQueue(
  outputs: Readonly<Record<ConsoleStream, ByteOutput>>,
  clock: Pick<Clock, 'every'>,
  onLost: OnLost,
): ConsoleQueue {
  const waiting: Waiting[] = [];
  const lost = new Set<ConsoleStream>();
  let whenRoom: (() => void)[] = [];
  let bytes = 0;
  let isWriting = false;
  let isInHurry = false;
  /** Gives up the write that is under way. */
  let giveUp: (() => void) | undefined;

  const isFull = (): boolean => bytes >= ENOUGH_BYTES;
  const write = async (stream: ConsoleStream, lines: Buffer): Promise<void> => {
    if (lost.has(stream) || lines.length === 0) return;
    try {
      await new Promise<void>((resolve, reject) => {
        giveUp = () => reject(new Error('nobody reads it'));
        outputs[stream].write(lines).then(resolve, reject);
      });
    } catch (thrown) {
      lost.add(stream);
      onLost(stream, thrown);
    } finally {
      giveUp = undefined;
    }
  };
  const tellRoom = (): void => {
    const callbacks = isFull() ? [] : whenRoom;
    if (!isFull()) whenRoom = [];
    for (const callback of callbacks) callback();
  };
  const writeAll = async (): Promise<void> => {
    isWriting = true;
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      const batch = waiting.splice(0, sameStream(waiting));
      const lines = Buffer.concat(batch.map((each) => each.lines));
      await write(first.stream, lines);
      bytes -= lines.length;
      for (const { written } of batch) written?.();
      tellRoom();
    }
    isWriting = false;
  };
  const add = (entry: Waiting): void => {
    waiting.push(entry);
    bytes += entry.lines.length;
    if (!isWriting) void writeAll();
  };

  return {
    push: (stream, lines) => {
      if (lines.length > 0) add({ stream, lines });
    },
    isFull,
    whenRoom: (callback) => void whenRoom.push(callback),
    flushed: () => new Promise((written) => add({ stream: 'stdout', lines: Buffer.alloc(0), written })),
    hurry: () => {
      if (isInHurry) return;
      isInHurry = true;
      let seen: typeof giveUp;
      clock.every(LOOK_EVERY_MS, () => {
        if (giveUp === seen) giveUp?.();
        seen = giveUp;
      });
    },
  };
}

/** How many at the beginning go to one stream. */
function sameStream(waiting: readonly Waiting[]): number {
  const other = waiting.findIndex(({ stream }) => stream !== waiting[0]?.stream);
  return other < 0 ? waiting.length : other;
}

/** Whether nobody is there to read any more, which is no failure. */
export const isGone = (thrown: unknown): boolean => ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'].includes(codeOf(thrown) ?? '');

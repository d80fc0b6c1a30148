import { constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import { codeOf } from './disk.ts';

/** A descriptor that bytes go to, one write at a time, without ever stopping this process. */
export interface ByteOutput {
  /** Settles when all of it is written; rejects with the system's error. */
  write(bytes: Buffer): Promise<void>;
}

/** After so many milliseconds a descriptor that was full is tried again. */
const RETRY_MS = 1;

/**
 * The way to a descriptor. A pipe is opened anew, so that it can be made non-blocking without its other holders: a write that
 * waits in a thread of Node's would keep the process from its own exit for as long as nobody reads.
 * (A terminal that somebody stopped starts again at Ctrl-C; writing to it without blocking takes nearly twice as long.)
 */
export function byteOutput(descriptor: number, clock: Clock): ByteOutput {
  const own = isPipe(descriptor) ? reopened(descriptor) : undefined;
  return own === undefined ? { write: (bytes) => writeAll(descriptor, bytes, clock) } : pipeOutput(own);
}

function isPipe(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFIFO();
  } catch {
    return false;
  }
}

/** Undefined where the system cannot do that: outside of Linux, or without /proc. */
function reopened(descriptor: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

function pipeOutput(descriptor: number): ByteOutput {
  const pipe = new Socket({ fd: descriptor, readable: false, writable: true });
  // Each write hears of its own failure.
  pipe.on('error', () => undefined);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        pipe.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
  };
}

/** Somebody else may have made the descriptor non-blocking. */
async function writeAll(descriptor: number, bytes: Buffer, clock: Clock): Promise<void> {
  for (let rest = bytes; rest.length > 0; ) {
    const written = await writeSome(descriptor, rest);
    rest = rest.subarray(written);
    if (written === 0) await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
  }
}

/** 0 when it is full. */
const writeSome = (descriptor: number, bytes: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error === null) resolve(written);
      else if (codeOf(error) === 'EAGAIN') resolve(0);
      else reject(error);
    });
  });

/** Below this, a loop of our own is faster than a call into the engine. */
const SHORT = 32;

/** Bytes that grow at their end. */
export interface ByteBuilder {
  append(source: Buffer, from: number, to: number): void;
  /** What was appended since the last call, in memory of its own. */
  take(): Buffer;
}

/** Starts with room for so many bytes, and doubles it as often as it must. */
export function byteBuilder(room: number): ByteBuilder {
  let bytes = Buffer.allocUnsafeSlow(room);
  let length = 0;
  const grow = (needed: number): void => {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * bytes.length));
    larger.set(bytes.subarray(0, length));
    bytes = larger;
  };
  return {
    append: (source, from, to) => {
      const end = length + to - from;
      if (end > bytes.length) grow(end);
      copy(source, from, to, bytes, length);
      length = end;
    },
    take: () => {
      const taken = Buffer.from(bytes.subarray(0, length));
      length = 0;
      return taken;
    },
  };
}

function copy(source: Buffer, from: number, to: number, target: Buffer, at: number): void {
  if (to - from >= SHORT) source.copy(target, at, from, to);
  else for (let index = from, place = at; index < to; index += 1, place += 1) target[place] = source[index] ?? 0;
}

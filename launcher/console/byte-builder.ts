/** Bytes that grow at their end. */
export interface ByteBuilder {
  append(source: Buffer, from: number, to: number): void;
  /** One byte for each character; none may be beyond U+00FF. */
  appendLatin1(text: string): void;
  /** What was appended since the last call, in memory of its own. */
  take(): Buffer;
}

/** Starts with room for so many bytes, and doubles it as often as it must. */
export function byteBuilder(room: number): ByteBuilder {
  let bytes = Buffer.allocUnsafeSlow(room);
  let length = 0;
  const makeRoom = (count: number): void => {
    if (length + count <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(length + count, 2 * bytes.length));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
  };
  return {
    append: (source, from, to) => {
      makeRoom(to - from);
      length += source.copy(bytes, length, from, to);
    },
    appendLatin1: (text) => {
      makeRoom(text.length);
      length += bytes.write(text, length, 'latin1');
    },
    take: () => {
      const taken = Buffer.from(bytes.subarray(0, length));
      length = 0;
      return taken;
    },
  };
}

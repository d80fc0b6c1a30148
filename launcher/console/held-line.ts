/** The beginning of a line whose end has not come yet. */
export interface HeldLine {
  /** Where it stands: the first `length()` of them. */
  bytes(): Buffer;
  length(): number;
  /** Takes as much as there is room for, and says how much that was. */
  push(source: Buffer, from: number, to: number): number;
  /** Forgets so many bytes at its beginning. */
  shift(count: number): void;
}

/** Takes its memory when the first such line comes: most streams end every line at once. */
export function heldLine(room: number): HeldLine {
  let bytes = Buffer.alloc(0);
  let length = 0;
  return {
    bytes: () => bytes,
    length: () => length,
    push: (source, from, to) => {
      if (bytes.length === 0) bytes = Buffer.allocUnsafeSlow(room);
      const taken = source.copy(bytes, length, from, to);
      length += taken;
      return taken;
    },
    shift: (count) => {
      bytes.copyWithin(0, count, length);
      length -= count;
    },
  };
}

const continuesCharacter = (byte = 0): boolean => (byte & 0xc0) === 0x80;
const beginsCharacter = (byte = 0): boolean => (byte & 0xc0) === 0xc0;

/** How many of the bytes, in front of the following one, can be shown without cutting a character of UTF-8 in two. */
export function wholeCharacters(bytes: Buffer, following: number | undefined): number {
  if (!continuesCharacter(following)) return bytes.length;
  const back = [1, 2, 3].find((distance) => beginsCharacter(bytes[bytes.length - distance]));
  return bytes.length - (back ?? 0);
}

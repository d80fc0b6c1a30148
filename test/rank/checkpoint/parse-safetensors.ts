/** One tensor as the header describes it, with its values. */
export interface ParsedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A safetensors file, read the way the format's own readers do: strictly. */
export interface ParsedSafetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, ParsedTensor>;
}

/** Reads a file of 32-bit floats. Throws for whatever Rust's and Python's readers refuse. */
export function parseSafetensors(file: Buffer): ParsedSafetensors {
  if (file.length < 8) throw new Error('HeaderTooSmall');
  const length = Number(file.readBigUInt64LE(0));
  if (length > 100_000_000) throw new Error('HeaderTooLarge');
  if (8 + length > file.length) throw new Error('InvalidHeaderLength');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + length));
  if (!text.startsWith('{')) throw new Error('InvalidHeaderStart');
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(text) as Header;
  const body = file.subarray(8 + length);
  let end = 0;
  const tensors = Object.entries(entries).map(([name, entry]): [string, ParsedTensor] => {
    const { dtype, shape, data_offsets: offsets } = entry as HeaderEntry;
    if (offsets[0] !== end) throw new Error(`InvalidOffset: ${name}`);
    end = offsets[1];
    if (dtype !== 'F32' || 4 * shape.reduce((product, size) => product * size, 1) !== end - offsets[0]) {
      throw new Error(`TensorInvalidInfo: ${name}`);
    }
    return [name, { dtype, shape, values: floats(body.subarray(...offsets)) }];
  });
  if (end !== body.length) throw new Error('MetadataIncompleteBuffer');
  return { metadata: metadata as Readonly<Record<string, string>>, tensors: new Map(tensors) };
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

type Header = Readonly<Record<string, HeaderEntry | Readonly<Record<string, string>>>>;

const floats = (bytes: Buffer): readonly number[] =>
  Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(4 * index));

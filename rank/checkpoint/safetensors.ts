/**
 * Tensors in the safetensors format: the header's length as 64-bit little-endian, the header as JSON padded with spaces to
 * a multiple of 8, then the tensors' bytes one after the other. One-dimensional float32 only.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Float32Array>>,
  metadata: Readonly<Record<string, string>>,
): Buffer {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, tensor]) => {
    const begin = end;
    end += tensor.byteLength;
    return [name, { dtype: 'F32', shape: [tensor.length], data_offsets: [begin, end] }] as const;
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const padded = Buffer.alloc(Math.ceil(header.length / 8) * 8, ' ');
  header.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...Object.values(tensors).map(littleEndianBytes)]);
}

function littleEndianBytes(tensor: Float32Array): Buffer {
  const bytes = Buffer.alloc(tensor.byteLength);
  for (const [index, value] of tensor.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}

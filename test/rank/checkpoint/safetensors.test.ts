import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSafetensors } from '../../../rank/checkpoint/safetensors.ts';
import '../../property-seed.ts';
import { parseSafetensors } from './parse-safetensors.ts';

const anyTensor = fc.array(fc.float(), { maxLength: 40 }).map((values) => Float32Array.from(values));

// A name like 0 would move to the front of a JavaScript object.
const anyName = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).map((name) => `w.${name}`);

test('what is encoded is read back by a strict reader, whatever it is called', () => {
  fc.assert(
    fc.property(fc.dictionary(anyName, anyTensor, { maxKeys: 6 }), fc.dictionary(anyName, fc.string()), (tensors, metadata) => {
      const parsed = parseSafetensors(encodeSafetensors(tensors, metadata));
      expect(parsed.metadata).toEqual({ ...metadata });
      expect([...parsed.tensors].map(([name, { shape, values }]) => [name, shape, values])).toEqual(
        Object.entries(tensors).map(([name, values]) => [name, [values.length], [...values]]),
      );
    }),
  );
});

test('the tensors begin at a multiple of 8, as readers that map files into memory want', () => {
  fc.assert(
    fc.property(fc.dictionary(anyName, anyTensor), (tensors) => {
      const file = encodeSafetensors(tensors, { format: 'pt' });
      expect(Number(file.readBigUInt64LE(0)) % 8).toBe(0);
    }),
  );
});

test('one tensor is these bytes', () => {
  const file = encodeSafetensors({ w: Float32Array.of(1, -2) }, { format: 'pt' });
  const header = '{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  expect(file.subarray(0, 8)).toEqual(Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0]));
  expect(file.subarray(8, -8).toString()).toBe(padded);
  expect(file.subarray(-8)).toEqual(Buffer.from([0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x00, 0xc0]));
});

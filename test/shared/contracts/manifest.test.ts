import { expect, test } from 'vitest';
import { isManifestFile } from '../../../shared/contracts/manifest.ts';

const FILE = { path: 'model.safetensors', bytes: 12, sha256: 'ab', rank: 0 };

test('a file of a checkpoint has a name, a size, a digest and a rank', () => {
  expect(isManifestFile(FILE)).toBe(true);
  for (const value of [null, 7, [], {}]) expect(isManifestFile(value)).toBe(false);
});

test.for<[string, unknown]>([
  ['path', '../model.safetensors'],
  ['path', 7],
  ['bytes', -1],
  ['bytes', '12'],
  ['sha256', 7],
  ['rank', 0.5],
  ['rank', undefined],
])('a %s of %j makes it none', ([field, value]) => {
  expect(isManifestFile({ ...FILE, [field]: value })).toBe(false);
});

import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryRoot } from '../../../shared/platform/temporary-root.ts';

const ROOMY: Disk = { ...nodeDisk, kindOf: () => 'directory', isWritable: () => true, freeBytes: () => 2 ** 30 };

test('memory is the place for what need not last', () => {
  expect(temporaryRoot(ROOMY, {})).toBe('/dev/shm');
});

test.for(['TMPDIR', 'TMP', 'TEMP'])('whoever sets %s has chosen', (name) => {
  expect(temporaryRoot(ROOMY, { [name]: '/somewhere' })).toBe(tmpdir());
});

test.for([
  ['is not there', { ...ROOMY, kindOf: () => 'nothing' as const }],
  ['is a link', { ...ROOMY, kindOf: () => 'other' as const }],
  ['cannot be written', { ...ROOMY, isWritable: () => false }],
  ['is as small as in many containers', { ...ROOMY, freeBytes: () => 64 * 2 ** 20 }],
] as const)('memory that %s is left alone', ([, disk]) => {
  expect(temporaryRoot(disk, {})).toBe(tmpdir());
});

import { expect, test } from 'vitest';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryRoot } from '../../../shared/platform/temporary-root.ts';

const kindOf: Disk['kindOf'] = (path) => (path === '/dev/shm' ? 'directory' : 'nothing');
const ROOMY: Disk = { ...nodeDisk, kindOf, isWritable: () => true, freeBytes: () => 2 ** 30 };
/** One on which systemd knows a user. */
const LOGGED_IN: Disk = { ...ROOMY, kindOf: (path) => (path === '/run/systemd/users/1000' ? 'file' : kindOf(path)) };

test('memory is the place for what need not last', () => {
  expect(temporaryRoot(ROOMY, {}, 1000)).toBe('/dev/shm');
  expect(temporaryRoot(ROOMY, { TMPDIR: '', TMP: '' }, 1000)).toBe('/dev/shm');
});

test.for(['TMPDIR', 'TMP', 'TEMP'])('whoever sets %s has chosen', (name) => {
  expect(temporaryRoot(ROOMY, { [name]: '/somewhere/' }, 1000)).toBe('/somewhere');
});

test.for([
  ['is not there', { ...ROOMY, kindOf: () => 'nothing' as const }],
  ['is a link', { ...ROOMY, kindOf: () => 'other' as const }],
  ['cannot be written', { ...ROOMY, isWritable: () => false }],
  ['is as small as in many containers', { ...ROOMY, freeBytes: () => 64 * 2 ** 20 }],
  ['is emptied when the user logs out', LOGGED_IN],
] as const)('memory that %s is left alone', ([, disk]) => {
  expect(temporaryRoot(disk, {}, 1000)).toBe('/tmp');
});

test('what is emptied at the end of a session is not that of root or of another user', () => {
  expect(temporaryRoot(LOGGED_IN, {}, 0)).toBe('/dev/shm');
  expect(temporaryRoot(LOGGED_IN, {}, 1001)).toBe('/dev/shm');
});

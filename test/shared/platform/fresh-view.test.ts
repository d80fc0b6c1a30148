import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { freshDisk, withFreshView } from '../../../shared/platform/fresh-view.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { slowView } from './slow-view.ts';

/** Two hosts that believe for ever what they saw of a directory; the second one looks afresh. */
function hosts(): { readonly root: string; readonly other: typeof nodeDisk; readonly disk: typeof nodeDisk } {
  const root = temporaryDirectory();
  const { disk } = withFreshView({ disk: slowView(root, () => Infinity, true) }, root);
  return { root, other: nodeDisk, disk };
}

test('a name that was missing is found when another host has made it', () => {
  const { root, other, disk } = hosts();
  const path = join(root, 'late');
  expect([disk.list(root), disk.kindOf(path), disk.readTextIfAny(path), disk.sizeOf(path)]).toEqual([
    [],
    'nothing',
    undefined,
    0,
  ]);
  other.write(path, 'here');
  expect([disk.list(root), disk.kindOf(path), disk.readTextIfAny(path), disk.sizeOf(path)]).toEqual([
    ['late'],
    'file',
    'here',
    4,
  ]);
});

test('a file that another host makes longer is read whole', () => {
  const { root, other, disk } = hosts();
  const path = join(root, 'journal');
  other.write(path, 'one\n');
  expect(disk.readText(path)).toBe('one\n');
  other.write(path, 'one\ntwo\n');
  expect(disk.readText(path)).toBe('one\ntwo\n');
});

test('a tree is removed with what another host has put there', () => {
  const { root, other, disk } = hosts();
  const path = join(root, 'tree', 'late');
  disk.makeDirectory(path);
  expect(disk.list(path)).toEqual([]);
  other.write(join(path, 'file'), '');
  disk.removeTree(join(root, 'tree'));
  expect(other.list(root)).toEqual([]);
});

/** As SFTP does. */
const FAILURE = (): never => {
  throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
};

test('a server that has one word for all failures is asked whether the name was taken', () => {
  const root = temporaryDirectory();
  const disk = freshDisk({ ...nodeDisk, linkIfFree: FAILURE, create: FAILURE, makeDirectory: FAILURE }, root);
  const [one, other] = [join(root, 'one'), join(root, 'other')];
  writeFileSync(one, '');
  expect(() => disk.linkIfFree(one, other)).toThrow('EPERM');
  expect(() => disk.create(other, '')).toThrow('EPERM');
  expect(() => disk.makeDirectory(other)).toThrow('EPERM');
  mkdirSync(other);
  expect(disk.linkIfFree(one, other)).toBe(false);
  expect(() => disk.create(other, '')).toThrow('EEXIST');
  expect(disk.makeDirectory(other)).toBe(false);
});

test('directories are made with those above them, and full ones stay', () => {
  const { root, disk } = hosts();
  expect(disk.makeDirectory(join(root, 'a', 'b'))).toBe(true);
  expect(disk.makeDirectory(join(root, 'a', 'b'))).toBe(false);
  expect(disk.removeEmptyDirectory(join(root, 'a'))).toBe(false);
  expect(disk.removeEmptyDirectory(join(root, 'a', 'b'))).toBe(true);
});

test('a local file system is left as it is, and links on the way to a directory that is to be made are followed', () => {
  const root = temporaryDirectory();
  const platform = { disk: { ...nodeDisk, fileSystemOf: () => ({ name: 'ext', isLocal: true }) } };
  expect(withFreshView(platform, root)).toBe(platform);
  mkdirSync(join(root, 'real'));
  symlinkSync(join(root, 'real'), join(root, 'link'));
  const { disk } = withFreshView({ disk: slowView(root, () => Infinity, true) }, join(root, 'link', 'out'));
  const path = join(root, 'real', 'out', 'late');
  expect(disk.kindOf(path)).toBe('nothing');
  nodeDisk.makeDirectory(join(root, 'real', 'out'));
  nodeDisk.write(path, '');
  expect(disk.list(join(root, 'real', 'out'))).toEqual(['late']);
});

test('a refresh changes neither content, nor mode, nor the time of the last change, and needs nothing to be there', () => {
  const root = temporaryDirectory();
  const path = join(root, 'file');
  writeFileSync(path, 'text', { mode: 0o640 });
  const before = [nodeDisk.readText(path), nodeDisk.ownerOf(path), nodeDisk.changedAtMs(path)];
  nodeDisk.refresh(path);
  nodeDisk.refresh(join(root, 'nothing'));
  expect([nodeDisk.readText(path), nodeDisk.ownerOf(path), nodeDisk.changedAtMs(path)]).toEqual(before);
  expect(nodeDisk.fileSystemOf('/proc')).toEqual({ name: '0x9fa0', isLocal: false });
});

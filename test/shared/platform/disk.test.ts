import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { nodeDisk as disk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

let directory = '';

beforeEach(() => {
  directory = temporaryDirectory();
  writeFileSync(at('file'), 'text');
  mkdirSync(at('full/inner'), { recursive: true });
  writeFileSync(at('full/inner/file'), 'deep');
  mkdirSync(at('empty'));
  symlinkSync('full', at('link'));
  symlinkSync('nowhere', at('broken'));
});

const at = (name: string): string => join(directory, name);

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? thrown.code : thrown;
  }
};

test('what stands at a path is told without following links', () => {
  const kinds = ['file', 'full', 'link', 'broken', 'nothing'].map((name) => disk.kindOf(at(name)));
  expect(kinds).toEqual(['file', 'directory', 'other', 'other', 'nothing']);
  expect(disk.kindOf('/dev/null')).toBe('other');
  expect(disk.sizeOf(at('file'))).toBe(4);
  expect(disk.sizeOf(at('nothing'))).toBe(0);
});

test('links are followed only where that is asked for', () => {
  expect([disk.resolveLinks(at('link/inner')), disk.resolveLinks(at('broken')), disk.resolveLinks(at('file/x'))]).toEqual([
    at('full/inner'),
    undefined,
    undefined,
  ]);
});

test('what may be done with a path is told with links followed', () => {
  chmodSync(at('file'), 0o600);
  const access = (use: 'read' | 'execute', ...names: readonly string[]): readonly string[] =>
    names.map((name) => disk.access(at(name), use));
  expect(access('read', 'file', 'full', 'link')).toEqual(['granted', 'granted', 'granted']);
  expect(access('execute', 'file', 'full', 'link')).toEqual(['refused', 'refused', 'refused']);
  const nowhere = ['nothing', 'broken', 'file/x', 'x'.repeat(300)];
  expect([access('read', ...nowhere), access('execute', ...nowhere)]).toEqual(Array(2).fill(Array(4).fill('nothing-there')));
  chmodSync(at('file'), 0o700);
  expect(access('execute', 'file')).toEqual(['granted']);
  chmodSync(at('file'), 0o600);
});

test('a file that is not there has no text, and anything else that is wrong is an error', () => {
  expect([disk.readTextIfAny(at('file')), disk.readTextIfAny(at('no')), disk.readTextIfAny(at('file/x'))]).toEqual([
    'text',
    undefined,
    undefined,
  ]);
  expect(codeOf(() => disk.readTextIfAny(at('full')))).toBe('EISDIR');
  expect(codeOf(() => disk.readText(at('no')))).toBe('ENOENT');
});

test('a file is created only where nothing stands, not even a link that leads nowhere', () => {
  disk.create(at('new'), 'text');
  expect(readFileSync(at('new'), 'utf8')).toBe('text');
  for (const name of ['file', 'broken', 'full']) expect(codeOf(() => disk.create(at(name), 'x'))).toBe('EEXIST');
  expect(readFileSync(at('file'), 'utf8')).toBe('text');
});

test('a file is replaced whole, overwritten at its beginning, and appended to at its end', () => {
  disk.write(at('file'), new Uint8Array([104, 105]));
  expect(readFileSync(at('file'), 'utf8')).toBe('hi');
  disk.overwrite(at('full/inner/file'), 'sh');
  expect(readFileSync(at('full/inner/file'), 'utf8')).toBe('shep');
  expect(codeOf(() => disk.overwrite(at('no'), 'x'))).toBe('ENOENT');
  const file = disk.openAppend(at('file'));
  file.append(' there');
  file.append('✓');
  file.close();
  expect(disk.readBytes(at('file')).toString()).toBe('hi there✓');
});

test('a part of a file is read, as much as there is', () => {
  expect(['tex', 'xt', ''].map((_, index) => disk.readAt(at('file'), index * 2, 3).toString())).toEqual(['tex', 'xt', '']);
  expect(codeOf(() => disk.readAt(at('no'), 0, 1))).toBe('ENOENT');
});

test('of two links to one name the first stands', () => {
  expect([disk.linkIfFree(at('file'), at('name')), disk.linkIfFree(at('full/inner/file'), at('name'))]).toEqual([true, false]);
  expect(readFileSync(at('name'), 'utf8')).toBe('text');
  expect(codeOf(() => disk.linkIfFree(at('file'), at('no/name')))).toBe('ENOENT');
});

describe('a directory', () => {
  test('is made once, with those above it', () => {
    expect([disk.makeDirectory(at('a/b/c')), disk.makeDirectory(at('a/b/c')), disk.makeDirectory(at('a/b'))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(statSync(at('a/b/c')).isDirectory()).toBe(true);
  });

  test('that cannot be made is an error, and not a wait for ever', () => {
    expect(codeOf(() => disk.makeDirectory('/proc/nowhere/deep'))).toBe('ENOENT');
    expect(codeOf(() => disk.makeDirectory(at('file/x')))).toBe('ENOTDIR');
  });

  test("for a time is new, and its owner's alone", () => {
    const made = [disk.makeTemporaryDirectory(at('t-')), disk.makeTemporaryDirectory(at('t-'))];
    expect(new Set(made).size).toBe(2);
    expect(made.map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  test('lists its names, and none where it is not there', () => {
    expect([...disk.list(directory)].sort()).toEqual(['broken', 'empty', 'file', 'full', 'link']);
    expect(disk.list(at('no'))).toEqual([]);
  });

  test('is removed if it is empty, and it is told whether it is gone', () => {
    expect([
      disk.removeEmptyDirectory(at('empty')),
      disk.removeEmptyDirectory(at('empty')),
      disk.removeEmptyDirectory(at('full')),
    ]).toEqual([true, true, false]);
    expect(existsSync(at('full/inner/file'))).toBe(true);
  });
});

test('a tree is removed with the links in it and not with what they lead to', () => {
  mkdirSync(at('tree'));
  symlinkSync(at('full'), at('tree/link'));
  symlinkSync(at('nowhere'), at('tree/broken'));
  writeFileSync(at('tree/file'), '');
  for (const path of ['tree', 'link', 'broken', 'no', 'file']) disk.removeTree(at(path));
  expect([...disk.list(directory)].sort()).toEqual(['empty', 'full']);
  expect(existsSync(at('full/inner/file'))).toBe(true);
});

test('a file is removed if it is there, and a name moves onto another', () => {
  disk.removeFile(at('no'));
  disk.rename(at('full/inner/file'), at('file'));
  expect(readFileSync(at('file'), 'utf8')).toBe('deep');
  disk.removeFile(at('file'));
  expect(existsSync(at('file'))).toBe(false);
});

test('files and directories can be made durable together, and what is not there is an error', async () => {
  await disk.sync([at('file'), at('full'), directory]);
  await expect(disk.sync([at('no')])).rejects.toMatchObject({ code: 'ENOENT' });
});

test('no descriptor stays open when what is to be made durable is not there', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  await expect(disk.sync([at('file'), at('full'), at('no')])).rejects.toMatchObject({ code: 'ENOENT' });
  expect(open()).toBe(before);
});

test('new names in a directory are reported', { timeout: 20_000 }, async () => {
  const seen = new Promise<string | null>((resolve) => {
    const watcher = disk.watch(at('empty'), (name) => {
      watcher?.close();
      resolve(name);
    });
    expect(watcher).toBeDefined();
  });
  writeFileSync(at('empty/new'), '');
  expect(await seen).toBe('new');
});

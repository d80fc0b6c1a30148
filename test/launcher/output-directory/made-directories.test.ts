import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { makeDirectories, removeMade } from '../../../launcher/output-directory/made-directories.ts';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

let place = '';
let state = '';

beforeEach(() => {
  place = temporaryDirectory();
  state = join(place, 'theirs/out/.ckpt-run');
});

const paths = (): readonly string[] => readdirSync(place, { recursive: true, encoding: 'utf8' }).sort();

/** What a run finds that nobody made for it. */
const theirs = (made: string): void => {
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, 'lease.made'), made);
};

test('what was made goes, and what was there before stays', () => {
  mkdirSync(join(place, 'theirs'));
  makeDirectories(nodeDisk, state, join(place, 'theirs'));
  expect(readFileSync(join(state, 'lease.made'), 'utf8')).toBe(join(place, 'theirs'));
  removeMade(nodeDisk, state);
  expect(paths()).toEqual(['theirs']);
});

test.for<[string, () => string]>([
  ['is empty', () => ''],
  ['is torn', () => place.slice(0, -3)],
  ['is relative', () => '.'],
  ['is no plain path', () => `${place}/theirs/..`],
  ['names another place', () => '/usr'],
  ['names a directory with much the same name', () => join(place, 'the')],
  ['names the directory itself', () => state],
])('nothing is removed where the note of what was made %s', ([, made]) => {
  theirs(made());
  const before = paths();
  removeMade(nodeDisk, state);
  expect(paths()).toEqual(before);
});

test('nothing is removed where the note cannot be read', () => {
  mkdirSync(join(state, 'lease.made'), { recursive: true });
  removeMade(nodeDisk, state);
  expect(paths()).toContain('theirs/out/.ckpt-run');
});

test('a note that a full disk has no room for leaves nothing, and is never there in part', () => {
  mkdirSync(join(place, 'theirs'));
  const write: Disk['write'] = (path) => {
    nodeDisk.write(path, '');
    expect(paths().filter((name) => name.endsWith('lease.made'))).toEqual([]);
    throw new Error('no space left on device');
  };
  expect(() => makeDirectories({ ...nodeDisk, write }, state, join(place, 'theirs'))).toThrow('no space left');
  expect(paths()).toEqual(['theirs']);
});

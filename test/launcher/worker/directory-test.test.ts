import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDirectory } from '../../../launcher/worker/directory-test.ts';
import type { Disk } from '../../../shared/platform/disk.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const platform = nodePlatform();

test('a good directory is left as it was, and its clock is this one', () => {
  const directory = temporaryDirectory();
  const facts = testDirectory(platform, directory, join(directory, 'test'));
  expect(facts).toEqual({ fileSystem: platform.disk.fileSystemOf(directory).name, clockSkewMs: 0 });
  expect(readdirSync(directory)).toEqual([]);
});

test.for([
  [5000, 5000],
  [-5000, -5000],
])('a clock that is %i ms ahead is found to be', ([aheadMs, found]) => {
  const directory = temporaryDirectory();
  const clock = { ...platform.clock, nowMs: () => platform.clock.nowMs() + (aheadMs ?? 0) };
  const { clockSkewMs } = testDirectory({ ...platform, clock }, directory, join(directory, 'test'));
  expect(Math.abs(clockSkewMs - (found ?? 0))).toBeLessThan(1000);
});

const { disk } = platform;
const WRONG: readonly (readonly [string, Partial<Disk>])[] = [
  ['creates a file under a name that is taken', { create: disk.write }],
  ['makes no link where it says so', { linkIfFree: () => true, readText: (path) => disk.readTextIfAny(path) ?? '' }],
  ['links to a name that is taken', { linkIfFree: (from, to) => disk.linkIfFree(from, to) || true }],
  ['does not replace a file by renaming another', { rename: () => undefined }],
];

test.for(WRONG)('a file system that %s is refused', ([what, wrong]) => {
  const directory = temporaryDirectory();
  const broken = { ...platform, disk: { ...disk, ...wrong } };
  expect(() => testDirectory(broken, directory, join(directory, 'test'))).toThrow(
    expect.objectContaining({ code: 'CKPT_OUTPUT_UNUSABLE', message: `--output-dir ${directory}: its file system ${what}` }),
  );
  expect(readdirSync(directory)).toEqual([]);
});

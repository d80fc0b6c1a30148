import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { emptyTrash, foreignPaths, makerOf, removeCheckpoint } from '../../../shared/platform/checkpoint-removal.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

let scenario = '';
let checkpoint = '';
let trash = '';

/** A checkpoint of two files. */
beforeEach(() => {
  scenario = temporaryDirectory();
  checkpoint = join(scenario, 'checkpoint-50');
  trash = join(scenario, '.trash-mine');
  mkdirSync(checkpoint);
  const files = ['model.safetensors', 'rng_state_0.json'].map((path) => ({ path, bytes: 1, sha256: 'aa', rank: 0 }));
  for (const { path } of files) put(path);
  put('manifest.json', JSON.stringify({ format: 'ckpt-run-checkpoint', version: 1, runId: 'mine', step: 50, files }));
});

const put = (name: string, text = 'x'): void => writeFileSync(join(checkpoint, name), text);

/** Everything below the scenario's directory. */
const paths = (): readonly string[] => readdirSync(scenario, { recursive: true, encoding: 'utf8' }).sort();

test('a checkpoint goes with all that its manifest names', () => {
  expect(makerOf(nodeDisk, checkpoint)).toBe('mine');
  expect(foreignPaths(nodeDisk, checkpoint)).toEqual([]);
  removeCheckpoint(nodeDisk, checkpoint, trash);
  expect(paths()).toEqual([]);
});

describe("somebody else's", () => {
  test.for<[string, () => void, readonly string[]]>([
    ['file', () => put('notes.txt'), ['checkpoint-50/notes.txt']],
    [
      'directory',
      () => {
        mkdirSync(join(checkpoint, 'plots'));
        put('plots/loss.png');
      },
      ['checkpoint-50/plots', 'checkpoint-50/plots/loss.png'],
    ],
    ['link', () => symlinkSync('/etc/hostname', join(checkpoint, 'link')), ['checkpoint-50/link']],
  ])('%s stays where it is, and is told apart', ([, make, left]) => {
    make();
    expect(foreignPaths(nodeDisk, checkpoint)).toEqual([join(scenario, left[0] ?? '')]);
    removeCheckpoint(nodeDisk, checkpoint, trash);
    expect(paths()).toEqual(['checkpoint-50', ...left]);
  });
});

test('without a manifest of ours all of it is somebody else’s', () => {
  put('manifest.json', '{"format":"other"}');
  expect([makerOf(nodeDisk, checkpoint), foreignPaths(nodeDisk, checkpoint)]).toEqual([undefined, [checkpoint]]);
});

describe('a checkpoint that somebody has moved away, and left a link in its place,', () => {
  let archive = '';

  beforeEach(() => {
    archive = temporaryDirectory();
    renameSync(checkpoint, join(archive, 'moved'));
    symlinkSync(join(archive, 'moved'), checkpoint);
  });

  const archived = (): readonly string[] => readdirSync(join(archive, 'moved')).sort();
  const ALL = ['manifest.json', 'model.safetensors', 'rng_state_0.json'];

  test('is not ours', () => {
    expect([makerOf(nodeDisk, checkpoint), foreignPaths(nodeDisk, checkpoint)]).toEqual([undefined, [checkpoint]]);
  });

  test('stays, and so does what it leads to', () => {
    removeCheckpoint(nodeDisk, checkpoint, trash);
    expect([readdirSync(scenario).sort(), archived()]).toEqual([['checkpoint-50'], ALL]);
  });

  test('stays even if it became a link in the moment of its removal', () => {
    mkdirSync(trash);
    renameSync(checkpoint, join(trash, 'checkpoint-50'));
    emptyTrash(nodeDisk, trash);
    expect([readdirSync(scenario).sort(), archived()]).toEqual([['checkpoint-50'], ALL]);
  });

  test('stays where the place for what is being removed is a link', () => {
    symlinkSync(archive, trash);
    emptyTrash(nodeDisk, trash);
    expect([readdirSync(scenario).sort(), archived()]).toEqual([['.trash-mine', 'checkpoint-50'], ALL]);
  });
});

test('whenever a removal is interrupted, no half checkpoint stands, and the rest can be removed later', () => {
  put('notes.txt');
  for (let allowed = 0; paths().some((path) => path.endsWith('.json')); allowed += 1) {
    let left = allowed;
    const removeFile = (path: string): void => {
      if (left-- === 0) throw new Error('interrupted');
      nodeDisk.removeFile(path);
    };
    const remove = (): void =>
      paths().includes('checkpoint-50/manifest.json')
        ? removeCheckpoint({ ...nodeDisk, removeFile }, checkpoint, trash)
        : emptyTrash({ ...nodeDisk, removeFile }, trash);
    try {
      remove();
    } catch {
      expect(paths()).not.toContain('checkpoint-50');
    }
  }
  expect(paths()).toEqual(['checkpoint-50', 'checkpoint-50/notes.txt']);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asideName, checkpointName, checkpointStep, isAsideOf } from '../../../shared/contracts/checkpoint.ts';
import { parseManifest } from '../../../shared/contracts/manifest.ts';
import '../../property-seed.ts';

test('a checkpoint has the step of its name', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (step) => {
      expect(checkpointStep(checkpointName(step))).toBe(step);
    }),
  );
});

test('only the exact name of a step is that of a checkpoint', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\.?checkpoint[-_]?[\d.a-f ]{0,6}$/), (name) => {
      const step = checkpointStep(name);
      if (step !== undefined) expect(checkpointName(step)).toBe(name);
    }),
    { numRuns: 1000 },
  );
});

test.for([
  'checkpoint-',
  'checkpoint-x',
  'checkpoint-007',
  'checkpoint-7-old',
  'checkpoint-7 ',
  'checkpoint-7\n',
  'checkpoint--7',
  'checkpoint-7.0',
  'checkpoint-1e3',
  'checkpoint-٧',
  'Checkpoint-7',
  '.checkpoint-7',
  'checkpoint-best',
  'my-checkpoint-7',
  '',
])('"%s" is the name of no checkpoint', (name) => expect(checkpointStep(name)).toBeUndefined());

test('what is being written has a name of its own run, and is no checkpoint', () => {
  const name = asideName(25, 'run-1', 0);
  expect(name).toBe('.checkpoint-25.tmp-run-1-0');
  expect(checkpointStep(name)).toBeUndefined();
  expect([isAsideOf(name, 'run-1'), isAsideOf(name, 'run'), isAsideOf(name, 'run-2')]).toEqual([true, false, false]);
  for (const other of ['.checkpoint-25.tmp-run-1-', '.checkpoint-x.tmp-run-1-0', 'checkpoint-25', '.trash-run-1'])
    expect(isAsideOf(other, 'run-1')).toBe(false);
});

const MANIFEST = {
  format: 'ckpt-run-checkpoint',
  version: 1,
  runId: 'r',
  step: 25,
  files: [{ path: 'a', sha256: 'b', bytes: 1, rank: 0 }],
};

test('a manifest of ours is read', () => expect(parseManifest(JSON.stringify(MANIFEST))).toEqual(MANIFEST));

test.for([
  ['nothing', undefined],
  ['no JSON', '{'],
  ['a list', '[]'],
  ['null', 'null'],
  ['another format', JSON.stringify({ ...MANIFEST, format: 'other' })],
  ['another version', JSON.stringify({ ...MANIFEST, version: 2 })],
  ['a run without a name', JSON.stringify({ ...MANIFEST, runId: 3 })],
  ['files that are none', JSON.stringify({ ...MANIFEST, files: {} })],
  ['a file without a hash', JSON.stringify({ ...MANIFEST, files: [{ path: 'a' }] })],
  ...['', '.', '..', '../a', '/etc/passwd', 'a/b', 'a\0'].map(
    (path) =>
      [
        `a file outside its directory (${path})`,
        JSON.stringify({ ...MANIFEST, files: [{ ...MANIFEST.files[0], path }] }),
      ] as const,
  ),
  ['a null among the files', JSON.stringify({ ...MANIFEST, files: [null] })],
] as const)('%s is no manifest of ours', ([, text]) => expect(parseManifest(text)).toBeUndefined());

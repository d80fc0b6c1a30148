import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest } from '../../shared/contracts/manifest.ts';
import { linesOf, type Sandbox, sandbox, scenarioText } from './sandbox.ts';

const IN_OUT = ['--nproc-per-node=2', '--quiet', '--output-dir', 'out'];
const BASIC = [...IN_OUT, '--scenario=basic'];
const FAILING = [...IN_OUT, '--scenario=bug-no-trim'];

/** What belongs to somebody else, some of it with names much like ours. */
const FOREIGN = [
  'out/notes.txt',
  'out/basic/readme.md',
  'out/basic/checkpoint-best/model.bin',
  'out/basic/checkpoint-025/model.bin',
  'out/basic/.checkpoint-25.tmp-other-0/model.bin',
  'out/bug-no-trim/readme.md',
  'out/spike/checkpoint-25/model.bin',
  'out/.ckpt-run/other-run/attempt_0/report.json',
];

/** A sandbox whose output directory has been used by others. */
function usedSandbox(): Sandbox {
  const box = sandbox();
  for (const path of FOREIGN) box.write(path, `content of ${path}`);
  return box;
}

const foreignFiles = (box: Sandbox): readonly string[] => FOREIGN.map((path) => box.read(path));

/** The paths in the output directory, without what they hold. */
const pathsIn = (box: Sandbox): readonly string[] =>
  box.listAll().flatMap((line) => (line.startsWith('out') ? [line.split(' ', 1)[0] ?? ''] : []));

/** Real checkpoints by name, by step. */
const checkpointsIn = (box: Sandbox, scenario: string): readonly string[] =>
  box
    .list(`out/${scenario}`)
    .filter((name) => /^checkpoint-[1-9]\d*$/.test(name))
    .toSorted((a, b) => a.length - b.length || a.localeCompare(b));

/** The run that wrote each checkpoint of a scenario. */
const writersOf = (box: Sandbox, scenario: string): readonly (string | undefined)[] =>
  checkpointsIn(box, scenario).map((name) => parseManifest(box.read(`out/${scenario}/${name}/manifest.json`))?.runId);

test('after success only what the run made goes, and nothing of others', async () => {
  const box = usedSandbox();
  const before = pathsIn(box);
  expect(await box.run(BASIC)).toMatchObject({ code: 0 });
  expect(pathsIn(box)).toEqual(before);
  expect(foreignFiles(box)).toEqual(FOREIGN.map((path) => `content of ${path}`));
});

test('directories that were made for the run go with it, and those above it stay', async () => {
  const box = sandbox();
  box.write('mine/keep.txt', '');
  expect(await box.run(['--scenario=basic', '--quiet', '--output-dir=mine/new/deep'])).toMatchObject({ code: 0 });
  expect(box.list('mine')).toEqual(['keep.txt']);
});

test('directories that were there before stay, even where they are empty', async () => {
  const box = sandbox();
  for (const path of ['out/basic', 'out/.ckpt-run']) mkdirSync(join(box.directory, path), { recursive: true });
  expect(await box.run(BASIC)).toMatchObject({ code: 0 });
  expect(box.list('out')).toEqual(['.ckpt-run', 'basic']);
});

test('--keep-outputs keeps checkpoints and the run directory, and says where', async () => {
  const box = usedSandbox();
  const { code, stderr } = await box.run(['--scenario=basic', '--output-dir=out', '--keep-outputs']);
  expect(code).toBe(0);
  expect(linesOf(stderr).at(-1)).toBe(`ckpt-run: outputs kept in ${box.directory}/out`);
  expect(checkpointsIn(box, 'basic')).toEqual(['checkpoint-50', 'checkpoint-75', 'checkpoint-100']);
  const [runId] = writersOf(box, 'basic');
  expect(box.list('out/.ckpt-run')).toEqual([runId, 'other-run'].toSorted());
  expect(box.list(`out/.ckpt-run/${runId}/attempt_0`)).toEqual(['0', 'barriers', 'journal', 'plan.json', 'report.json']);
  expect(foreignFiles(box)).toEqual(FOREIGN.map((path) => `content of ${path}`));
});

test('after a failure everything stays, and the last line is the run directory', async () => {
  const box = sandbox();
  const { code, stderr } = await box.run(FAILING);
  expect(code).toBe(1);
  const [runId] = writersOf(box, 'bug-no-trim');
  expect(stderr).toBe(`${box.directory}/out/.ckpt-run/${runId}/attempt_0\n`);
  expect(box.list('out/bug-no-trim')).toHaveLength(4);
  expect(box.list('out/.ckpt-run')).toEqual([runId]);
});

test('after a failure in a temporary directory it stays, for its owner alone', async () => {
  const box = sandbox();
  const { code, stderr } = await box.run(['--scenario=bug-no-trim', '--quiet']);
  expect(code).toBe(1);
  const [left] = box.leftovers();
  expect(stderr).toMatch(new RegExp(`^${box.temporary}/${left}/\\.ckpt-run/[^/]+/attempt_0\\n$`));
  expect(box.modeOf(`tmp/${left}`)).toBe(0o700);
});

test('--discard-outputs removes what the run made after a failure too', async () => {
  const box = usedSandbox();
  const before = pathsIn(box);
  expect(await box.run([...FAILING, '--discard-outputs'])).toMatchObject({ code: 1, stderr: '' });
  expect(pathsIn(box)).toEqual(before);
  expect(foreignFiles(box)).toEqual(FOREIGN.map((path) => `content of ${path}`));
});

test('--overwrite replaces all checkpoints of an earlier run, and nothing else', async () => {
  const box = usedSandbox();
  expect(await box.run([...BASIC, '--keep-outputs', '--num-steps=200'])).toMatchObject({ code: 0 });
  const [earlier] = writersOf(box, 'basic');
  expect(await box.run([...BASIC, '--keep-outputs', '--overwrite'])).toMatchObject({ code: 0 });
  const writers = new Set(writersOf(box, 'basic'));
  expect([...writers]).toEqual([expect.not.stringMatching(`${earlier}`)]);
  expect(checkpointsIn(box, 'basic')).toEqual(['checkpoint-50', 'checkpoint-75', 'checkpoint-100']);
  expect(foreignFiles(box)).toEqual(FOREIGN.map((path) => `content of ${path}`));
});

/** A scenario that puts a file into a checkpoint of its own; rank 0 alone saves it. */
function withNotes(box: Sandbox, step: number, fields = ''): void {
  const place = JSON.stringify(join(box.directory, `out/mine/checkpoint-${step}/notes.txt`));
  const note = `onSave: (state) => { if (state.step === ${step}) writeFileSync(${place}, 'precious'); }`;
  box.write(
    'mine.mjs',
    scenarioText(`callbacks: () => [{ name: 'Notes', ${note} }], ${fields}`, `import { writeFileSync } from 'node:fs';`),
  );
}

const MINE = ['--scenario=./mine.mjs', '--output-dir=out', '--quiet'];

test.for([
  ['at the end of the run', 100],
  ['by retention', 25],
] as const)("somebody else's file in a checkpoint stays when that is removed %s", async ([, step]) => {
  const box = sandbox();
  withNotes(box, step, 'saveTotalLimit: 1, preserveNBest: 1,');
  expect(await box.run(MINE)).toMatchObject({ code: 0, stderr: '' });
  expect(pathsIn(box)).toEqual(['out', 'out/mine', `out/mine/checkpoint-${step}`, `out/mine/checkpoint-${step}/notes.txt`]);
  expect(box.read(`out/mine/checkpoint-${step}/notes.txt`)).toBe('precious');
});

test('a foreign checkpoint that appears during the run is neither deleted nor followed', async () => {
  const box = sandbox();
  const place = JSON.stringify(join(box.directory, 'out/mine/checkpoint-60'));
  const appear = `onSave: (state) => { if (state.step === 50) { mkdirSync(${place}); writeFileSync(${place} + '/model.bin', 'theirs'); } }`;
  box.write(
    'mine.mjs',
    scenarioText(`callbacks: () => [{ name: 'Other', ${appear} }],`, `import { mkdirSync, writeFileSync } from 'node:fs';`),
  );
  expect(await box.run(['--scenario=./mine.mjs', '--output-dir=out', '--quiet'])).toMatchObject({ code: 0 });
  expect(pathsIn(box)).toEqual(['out', 'out/mine', 'out/mine/checkpoint-60', 'out/mine/checkpoint-60/model.bin']);
  expect(readFileSync(join(box.directory, 'out/mine/checkpoint-60/model.bin'), 'utf8')).toBe('theirs');
});

test('a checkpoint that its run moves away, and links to, stays where it was moved', async () => {
  const box = sandbox();
  mkdirSync(join(box.directory, 'archive'));
  const [place, archive] = ['out/mine/checkpoint-25', 'archive/checkpoint-25'].map((path) =>
    JSON.stringify(join(box.directory, path)),
  );
  const move = `onSave: (state) => { if (state.step === 50) { renameSync(${place}, ${archive}); symlinkSync(${archive}, ${place}); } }`;
  const fields = `saveTotalLimit: 1, preserveNBest: 1, callbacks: () => [{ name: 'Archive', ${move} }],`;
  box.write('mine.mjs', scenarioText(fields, `import { renameSync, symlinkSync } from 'node:fs';`));
  await box.run(MINE);
  expect(box.list('archive/checkpoint-25')).toContain('manifest.json');
  expect(box.list('archive/checkpoint-25')).toContain('model.safetensors');
});

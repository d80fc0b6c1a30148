import { expect, test } from 'vitest';
import { complaints, failedIn, runOwn } from './own-scenario.ts';
import { onlyVerdict } from './sandbox.ts';

/** A retention that preserves what a condition on a step says. */
const keeping = (condition: string): string => `retention: ({ checkpoints, best, saveTotalLimit }) => {
  const steps = checkpoints.map(({ step }) => step);
  const keeps = (step) => ${condition};
  return { preserve: steps.filter(keeps), delete: steps.filter((step) => !keeps(step)) };
},`;

const NEWEST_AND_BEST = '[...steps.slice(-saveTotalLimit), ...best.map((entry) => entry.step)].includes(step)';

test('a retention of its own that loses nothing passes, and its decisions are what must be on disk', async () => {
  const { code, report } = await runOwn(
    `numSteps: 200, saveTotalLimit: 1, preserveNBest: 2, ${keeping(`step % 100 === 0 || ${NEWEST_AND_BEST}`)}`,
  );
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ status: 'passed', onDisk: [100, 175, 200] });
});

test('a retention that forgets the best is caught at the step at which it deletes one', async () => {
  const { code, report, stdout } = await runOwn(`metric: (step) => step, ${keeping('step === steps.at(-1)')}`);
  expect(code).toBe(1);
  expect(failedIn(report)).toEqual(['best-exists', 'best-preserved', 'preserved-list-accurate', 'no-good-deleted']);
  expect(stdout).toContain('✗ Good checkpoint deleted: checkpoint-25 (step 50, rank 0)\n');
});

test('a retention that keeps everything is caught by the limits', async () => {
  const { code, report } = await runOwn(`numSteps: 200, ${keeping('true')}`);
  expect(code).toBe(1);
  expect(failedIn(report)).toEqual(['total-limit']);
});

test('a retention that deletes the checkpoint just saved is caught', async () => {
  const { report } = await runOwn(`preserveNBest: 0, ${keeping('step !== steps.at(-1)')}`);
  expect(failedIn(report)).toContain('no-good-deleted');
});

test.for([
  ['nothing', 'undefined', 'retention must return an object with preserve and delete'],
  ['a promise', 'Promise.resolve({ preserve: [25], delete: [] })', 'preserve must be an array of steps, each a whole number'],
  ['names', `({ preserve: ['checkpoint-25'], delete: [] })`, 'preserve must be an array of steps, each a whole number'],
  ['half a decision', '({ preserve: [25] })', 'delete must be an array of steps, each a whole number'],
  [
    'a step that is not there',
    '({ preserve: [25], delete: [7] })',
    'checkpoint-7 is decided on but is not among the checkpoints',
  ],
  ['a step on both sides', '({ preserve: [25], delete: [25] })', 'checkpoint-25 is both in preserve and in delete'],
  ['a step on neither side', '({ preserve: [], delete: [] })', 'checkpoint-25 is neither in preserve nor in delete'],
] as const)('a retention that returns %s ends the run with one clear error', async ([, returned, complaint]) => {
  const { code, stdout, stderr, report } = await runOwn(`retention: () => ${returned},`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const said = complaints(stderr);
  expect(said[0]).toBe(`ckpt-run: rank 0: retention at step 25: ${complaint}  [CKPT_RETENTION_INVALID]`);
  expect(said.slice(1).filter((line) => !line.startsWith('    at '))).toEqual([
    "    fix:      Correct the scenario's retention: it returns every step it was given, once, in preserve or in delete.",
  ]);
  expect(report.failure).toMatchObject({ kind: 'rank-failed', rank: 0 });
});

test('a retention that throws ends the run with its error', async () => {
  const { code, stderr } = await runOwn(`retention: () => { throw new RangeError('no quota'); },`);
  expect(code).toBe(1);
  expect(complaints(stderr)[0]).toMatch(/^ckpt-run: rank 0: retention at step 25: .*no quota {2}\[CKPT_RETENTION_INVALID\]$/);
});

test('a callback that throws after the save on one rank names that rank', async () => {
  const { code, stderr } = await runOwn(
    `${keeping(NEWEST_AND_BEST)} callbacks: ({ rank }) => [{ name: 'Saboteur', onSave: () => { if (rank === 1) throw new RangeError('no quota'); } }],`,
    { ranks: 2 },
  );
  expect(code).toBe(1);
  expect(complaints(stderr)[0]).toBe('ckpt-run: rank 1: no quota  [CKPT_CALLBACK_INVALID]');
});

test('a best list of its own runs in place of ours', async () => {
  const sorted = '[...best, candidate].sort((a, b) => a.metric - b.metric || a.step - b.step).slice(0, preserveNBest)';
  const { code, report } = await runOwn(
    `metric: (step) => Math.abs(step - 60), updateBestCheckpoints: (best, candidate, { preserveNBest }) => ${sorted},`,
  );
  expect(code).toBe(0);
  expect(onlyVerdict(report).best).toEqual([
    { step: 50, metric: 10 },
    { step: 75, metric: 15 },
  ]);
});

test('a best list that is sorted the wrong way round is caught', async () => {
  const sorted = '[...best, candidate].sort((a, b) => b.metric - a.metric).slice(0, preserveNBest)';
  const { report } = await runOwn(`updateBestCheckpoints: (best, candidate, { preserveNBest }) => ${sorted},`);
  expect(failedIn(report)).toEqual(expect.arrayContaining(['best-tracked', 'best-sorted']));
});

test('a best list that is none ends the run with one clear error', async () => {
  const { code, stderr } = await runOwn('updateBestCheckpoints: (best, candidate) => candidate,');
  expect(code).toBe(1);
  expect(complaints(stderr)[0]).toMatch(
    /^ckpt-run: rank 0: updateBestCheckpoints at step 25: got \{"step":25,"metric":2\.82\d+\}, expected an array of \{ step, metric \} {2}\[CKPT_SCENARIO_INVALID\]$/,
  );
});

test('saving before the best list is updated is caught even where nothing is lost by it', async () => {
  const { code, report } = await runOwn(`saveOrder: 'update-after-save', saveTotalLimit: 'none',`);
  expect(code).toBe(1);
  expect(failedIn(report)).toEqual(['best-updated-before-save']);
});

test.for([
  ['[50, 75, 100]', 0],
  ['[75, 50, 100]', 0],
  ['[25, 50, 75, 100]', 1],
] as const)('an expectation that %s are on disk ends with %i', async ([onDisk, exitCode]) => {
  const { code, report } = await runOwn(`expect: { onDisk: ${onDisk} },`);
  expect(code).toBe(exitCode);
  expect(failedIn(report)).toEqual(exitCode === 0 ? [] : ['disk-expected']);
});

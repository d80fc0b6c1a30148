import { expect, test } from 'vitest';
import { complaints, failedIn, runOwn } from './own-scenario.ts';
import { onlyVerdict } from './sandbox.ts';

/** A metric by step: what the table says at 25, 50, 75, ... */
const table = (...values: readonly string[]): string =>
  `numSteps: ${25 * values.length}, metric: (step) => [${values.join(', ')}][step / 25 - 1],`;

test('the metric of a step is the mean over the ranks', async () => {
  const { code, report } = await runOwn('metric: (step, rank) => step + 2 * rank,', { ranks: 4 });
  expect(code).toBe(0);
  expect(onlyVerdict(report).checkpoints.map(({ metric }) => metric)).toEqual([28, 53, 78, 103]);
});

test('ranks without a metric do not count, and without any there is none', async () => {
  const { code, report } = await runOwn('metric: (step, rank) => (step === 50 || rank === 0 ? undefined : step * rank),', {
    ranks: 3,
  });
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({
    best: [
      { step: 25, metric: 37.5 },
      { step: 75, metric: 112.5 },
    ],
  });
  expect(onlyVerdict(report).checkpoints.map(({ metric }) => metric)).toEqual([37.5, null, 112.5, 150]);
});

test('what is not finite is recorded and printed, and never best', async () => {
  const { code, stdout, report } = await runOwn(table('NaN', '-Infinity', '3', 'Infinity', 'undefined', '2'));
  expect(code).toBe(0);
  const { best, checkpoints } = onlyVerdict(report);
  expect(best).toEqual([
    { step: 150, metric: 2 },
    { step: 75, metric: 3 },
  ]);
  expect(checkpoints.map(({ metric }) => metric)).toEqual(['NaN', '-Infinity', 3, 'Infinity', null, 2]);
  expect(stdout).toMatch(/^ {2}checkpoint-25 +NaN {2}deleted at step 100$/m);
  expect(stdout).toMatch(/^ {2}checkpoint-125 +none {2}kept: newest #2$/m);
});

test('0 is a metric, and -0 is no better than 0', async () => {
  const { code, report } = await runOwn(`mode: 'max', ${table('0', '-0', '-1', '-0')}`);
  expect(code).toBe(0);
  expect(onlyVerdict(report).best.map(({ step }) => step)).toEqual([25, 50]);
});

test('of equals the earlier wins', async () => {
  const { code, report } = await runOwn('metric: () => 1, numSteps: 200,');
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ best: [{ step: 25 }, { step: 50 }], onDisk: [25, 50, 150, 175, 200] });
});

test.for([
  [`metricName: 'eval/accuracy',`, [100, 75]],
  [`metricName: 'eval_loss',`, [25, 50]],
  [`metricName: 'eval_loss', mode: 'max',`, [100, 75]],
  [`metricName: 'glossary',`, [100, 75]],
] as const)('with %s the best are %o of a metric that grows', async ([fields, best]) => {
  const { code, stdout, report } = await runOwn(`metric: (step) => step, ${fields}`);
  expect(code).toBe(0);
  expect(onlyVerdict(report).best.map(({ step }) => step)).toEqual(best);
  expect(stdout).toContain(`  checkpoint-${best[0]}: ${onlyVerdict(report).metricName}=${best[0]}.0000\n`);
});

test('evaluations and saves that do not align: only what was evaluated when saved can be best', async () => {
  const { code, report } = await runOwn(
    'numSteps: 130, evalInterval: 20, saveInterval: 30, metric: (step) => step, preserveNBest: 3,',
  );
  expect(code).toBe(0);
  const { best, checkpoints, onDisk } = onlyVerdict(report);
  expect(checkpoints.map(({ step, metric }) => [step, metric])).toEqual([
    [30, null],
    [60, 60],
    [90, null],
    [120, 120],
  ]);
  expect(best.map(({ step }) => step)).toEqual([60, 120]);
  expect(onDisk).toEqual([60, 90, 120]);
});

test('a save at the last step of all and an evaluation at none', async () => {
  const { code, report } = await runOwn('numSteps: 7, evalInterval: 8, saveInterval: 7,');
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ onDisk: [7], best: [], checkpoints: [{ step: 7, metric: null }] });
});

test('a metric that is not finite fires the detector at once', async () => {
  const fields = `${table('3', 'NaN', '3')} callbacks: () => [new ckpt.DivergenceDetector()], expect: { divergence: true },`;
  const { code, report } = await runOwn(fields);
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ divergedAtStep: 50, onDisk: [25, 50] });
});

test('divergence that is expected and does not come fails', async () => {
  const { report } = await runOwn('callbacks: () => [new ckpt.DivergenceDetector()], expect: { divergence: true },');
  expect(failedIn(report)).toEqual(['divergence-detected']);
});

test.for([
  ['throws', `() => { throw new Error('no batch'); }`, 'no batch  [CKPT_RANK_FAILED]'],
  ['is text', `() => '2.5'`, 'metric(25, 0) of scenario mine is "2.5", expected a number or undefined  [CKPT_SCENARIO_INVALID]'],
  [
    'is an object',
    `() => ({ loss: 2 })`,
    'metric(25, 0) of scenario mine is {"loss":2}, expected a number or undefined  [CKPT_SCENARIO_INVALID]',
  ],
] as const)('a metric that %s ends the run with one clear error', async ([, metric, complaint]) => {
  const { code, stderr } = await runOwn(`metric: ${metric},`);
  expect(code).toBe(1);
  expect(complaints(stderr)[0]).toBe(`ckpt-run: rank 0: ${complaint}`);
});

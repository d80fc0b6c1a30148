import { expect, test } from 'vitest';
import { sandbox, scenarioText } from './sandbox.ts';

test.for([
  ['awaits what nobody settles', 'await new Promise(() => undefined)', 'nothing was left that could settle what it awaits'],
  ['exits', 'process.exit(0)', 'process.exit was called'],
] as const)('a callback that %s is named with its file', async ([, deed, words]) => {
  const box = sandbox();
  const callback = `async ({ rank, step }) => { if (rank === 1 && step === 50) ${deed}; }`;
  const file = box.write('mine.mjs', scenarioText(`callbacks: () => [{ name: 'Mine', onSave: ${callback} }],`));
  const args = ['--scenario=./mine.mjs', '--nproc-per-node=2', '--quiet', '--discard-outputs'];
  const { code, report, stderr } = await box.runForReport(args);
  expect(code, stderr).toBe(124);
  expect(report.failure).toMatchObject({
    kind: 'rank-ended-early',
    rank: 1,
    error: { message: expect.stringContaining(`: ${words} in callback Mine.onSave (${file})`) },
  });
});

test('an error that nobody caught is what the run failed of', async () => {
  const box = sandbox();
  const reject = `({ rank, step }) => { if (rank === 1 && step === 50) Promise.reject(new RangeError('lost rejection')); }`;
  const file = box.write('mine.mjs', scenarioText(`callbacks: () => [{ name: 'Mine', onSave: ${reject} }],`));
  const args = ['--scenario=./mine.mjs', '--nproc-per-node=2', '--quiet', '--discard-outputs'];
  const { code, report, stderr } = await box.runForReport(args);
  expect(code, stderr).toBe(1);
  expect(report.failure).toMatchObject({ kind: 'rank-failed', rank: 1, error: { message: 'lost rejection' } });
  expect(report.diagnosis?.verdict).toMatchObject({ class: 'exception-before-barrier', ranks: [1], place: { file } });
  expect(stderr).toContain('lost rejection');
});

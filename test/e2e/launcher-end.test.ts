import { expect, test } from 'vitest';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { scenarioWith, startRun, untilGone } from './live-run.ts';
import { linesOf, sandbox } from './sandbox.ts';

const HANGS = 'setInterval(() => undefined, 1000); await new Promise(() => undefined); export default {};';

test('a scenario file that never finishes loading is given up when --timeout is over', async () => {
  const box = sandbox();
  box.write('hangs.mjs', HANGS);
  const args = ['--scenario=./hangs.mjs', '--timeout=300ms', '--output-dir=out'];
  const { code, stdout, stderr } = await box.run(args);
  expect({ code, stdout }).toEqual({ code: 124, stdout: '' });
  const sentence = '--scenario ./hangs.mjs: it was still loading when the run had taken --timeout 0.3 s';
  expect(linesOf(stderr)).toEqual([expect.stringContaining(`ckpt-run: ${sentence}. Allow more time`)]);
  expect([...box.list('out'), ...box.leftovers()]).toEqual([]);
});

/** Does something in the launcher, and nowhere else, as soon as a rank has told that it is stuck. */
const inLauncher = (work: string): string => `
  const { existsSync } = require('node:fs');
  const { isMainThread } = require('node:worker_threads');
  const timer = process.env.RANK === undefined && isMainThread && setInterval(() => {
    if (!existsSync('told')) return;
    clearInterval(timer);
    ${work}
  }, 20);
`;

test.for([
  ['an exception', `throw new TypeError('no such field');`],
  ['a rejection', `Promise.reject(new TypeError('no such field'));`],
] as const)('%s in the launcher ends the ranks and is a bug of ours', async ([, work]) => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, `tell('stuck'); await forever();`));
  const preload = box.write('preload.cjs', inLauncher(work));
  const args = ['--nproc-per-node=2', '--scenario=./mine.mjs', '--barrier-timeout=5m', '--report=report.json'];
  const run = startRun(box, args, { env: { NODE_OPTIONS: `--require=${preload}` } });
  const pids = await Promise.all([0, 1].map(run.pidOf));
  const { code, stderr } = await run.ended;
  expect(code).toBe(70);
  expect(stderr).toMatch(/^ckpt-run: no such field {2}\[CKPT_INTERNAL\]$/m);
  expect(stderr).toMatch(/^ {4}at .*preload\.cjs:\d+/m);
  expect(stderr).toMatch(/^ {4}fix: +This is a bug of ours: please report it with this stack and your command line\.$/m);
  const report = JSON.parse(box.read('report.json')) as RunReport;
  expect(report).toMatchObject({ exitCode: 70, failure: { kind: 'launcher-failed' }, ranks: [{ endedByLauncher: true }, {}] });
  await untilGone(pids);
});

test('an end of the launcher while ranks run is a bug of ours, and the ranks end too', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, `tell('stuck'); await forever();`));
  const preload = box.write('preload.cjs', inLauncher('process.exit(0);'));
  const args = ['--nproc-per-node=2', '--scenario=./mine.mjs', '--barrier-timeout=5m'];
  const run = startRun(box, args, { env: { NODE_OPTIONS: `--require=${preload}` } });
  const pids = await Promise.all([0, 1].map(run.pidOf));
  const { code, stderr } = await run.ended;
  expect(code).toBe(70);
  expect(stderr).toMatch(/^ckpt-run \S+: a bug of ours, please report it with this stack and your command line:$/m);
  expect(stderr).toContain('Error: the launcher ended before its ranks');
  await untilGone(pids);
});

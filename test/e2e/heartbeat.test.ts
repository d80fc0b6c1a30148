import { expect, test } from 'vitest';
import { nodeDisk } from '../../shared/platform/disk.ts';
import { readBeat } from '../../shared/platform/heartbeat/beat-file.ts';
import { runDirectory } from '../../shared/platform/run-directory.ts';
import { runOwn } from './own-scenario.ts';
import { sandbox, scenarioText } from './sandbox.ts';

/** Callbacks; `rank 1` of them is kept at its first evaluation. */
const keeping = (how: string): string => `
import { existsSync } from 'node:fs';
const beats = process.env.CKPT_RANK_RUN_DIRECTORY + '/heartbeat/rank-1.json';
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const keep = ({ rank }) => [{ name: 'Keep', onEvaluate: async () => { if (rank === 1) { ${how} } } }];`;

const UNTIL_BEATEN = 'while (!existsSync(beats)) await sleep(20);';

test('a rank that lives on beats, and ends as it would have', async () => {
  const before = keeping(UNTIL_BEATEN);
  const run = await runOwn('numSteps: 25, callbacks: keep,', { ranks: 2, before });
  expect(run.code).toBe(0);
  expect(run.report.ranks).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  expect(run.stderr).not.toContain('eartbeat');
});

test('it keeps the exit code that it gives itself', async () => {
  const before = keeping(`${UNTIL_BEATEN} process.exit(7);`);
  const { report } = await runOwn('callbacks: keep,', { ranks: 2, before });
  expect(report.ranks[1]).toMatchObject({ exitCode: 7 });
});

test('a rank whose event loop is blocked beats on, and says for how long it has been', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioText('numSteps: 25, callbacks: keep,', keeping(`${UNTIL_BEATEN} for (;;);`)));
  const args = ['--nproc-per-node=2', '--scenario=./mine.mjs', '--barrier-timeout=4', '--output-dir=out'];
  const { code, report } = await box.runForReport(args);
  expect(code).toBe(124);
  const run = runDirectory(report.runDirectory ?? '');
  const [idle, blocked] = [0, 1].map((rank) => readBeat(nodeDisk, run.heartbeat(rank)));
  expect(blocked?.lagMs).toBeGreaterThan(1000);
  expect(idle?.lagMs).toBeLessThan(blocked?.lagMs ?? 0);
  expect(blocked).toMatchObject({ step: 25 });
  // It had not turned for long, and beat nevertheless.
  expect(blocked?.beat).toBeGreaterThan(4);
});

const TELL_THREADS = `
if (process.env.RANK === '0') process.once('exit', () => {
  const hasThreads = process.moduleLoadList.includes('NativeModule worker_threads');
  const isShort = process.uptime() < 1;
  require('node:fs').writeFileSync('threads', isShort ? String(hasThreads) : 'too slow to tell');
});`;

test('a run that is over in a second loads no threads', async () => {
  const box = sandbox();
  const hook = box.write('tell-threads.cjs', TELL_THREADS);
  const env = { NODE_OPTIONS: `--require ${hook}` };
  const { code } = await box.run(['--nproc-per-node=2', '--scenario=basic', '--discard-outputs'], { env });
  expect(code).toBe(0);
  expect(box.read('threads')).toMatch(/^(?:false|too slow to tell)$/);
});

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { isRunning, untilGone } from '../e2e/live-run.ts';
import { reportOf, wordOf, wordsOf } from '../e2e/program-run.ts';
import { linesOf, type Sandbox, sandbox } from '../e2e/sandbox.ts';
import { pathOf, startTorch, torchTest } from './torch-run.ts';

const TWO = ['--nproc-per-node=2', '--report=report.json'];
const LOAD_DATA = pathOf('load_data.py');

/** Ranks and their data loaders' workers. */
const PROCESSES = ['rank 0', 'rank 1', 'worker 0.0', 'worker 0.1', 'worker 1.0', 'worker 1.1'];

/** A sandbox in which programs can tell something. */
function listeningBox(): Sandbox {
  const box = sandbox();
  mkdirSync(join(box.directory, 'told'));
  return box;
}

const stillRunning = (box: Sandbox): readonly string[] => PROCESSES.filter((word) => isRunning(wordOf(box, word) ?? 0));

torchTest('a run with data loaders ends when all data is loaded', async () => {
  const box = listeningBox();
  const { code, stdout, stderr } = await startTorch(box, TWO, [LOAD_DATA, 'all']).ended;
  expect(code, stderr).toBe(0);
  expect([...linesOf(stdout)].sort()).toEqual(['[rank 0] loaded 28', '[rank 1] loaded 28']);
  expect(wordsOf(box)).toEqual(PROCESSES);
  expect(stillRunning(box)).toEqual([]);
});

torchTest('when a rank fails, no data loader stays', async () => {
  const box = listeningBox();
  const run = startTorch(box, TWO, [LOAD_DATA, 'stuck']);
  await Promise.all(PROCESSES.map(run.told));
  box.write('fail 1', '');
  const { code, stderr } = await run.ended;
  expect(code, stderr).toBe(3);
  expect(reportOf(box).failure).toMatchObject({ kind: 'rank-failed', rank: 1 });
  expect(stillRunning(box)).toEqual([]);
});

torchTest('when the launcher is killed by SIGKILL, no data loader stays', async () => {
  const box = listeningBox();
  const run = startTorch(box, TWO, [LOAD_DATA, 'stuck']);
  const pids = await Promise.all(PROCESSES.map(run.told));
  run.launcher.kill('SIGKILL');
  await run.ended;
  await untilGone(pids);
});

import { expect, test } from 'vitest';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { interruptAgain, type LiveRun, scenarioWith, startRun, told, untilGone } from './live-run.ts';
import { linesOf, type Sandbox, sandbox } from './sandbox.ts';

const RUN = ['--nproc-per-node=3', '--scenario', './mine.mjs', '--report', 'report.json'];
const PATIENT = [...RUN, '--barrier-timeout=5m'];

/** Starts three ranks of which one waits for ever in the evaluation of step 50, and waits until it does. */
async function stuckRun(box: Sandbox, before = '', args: readonly string[] = []): Promise<LiveRun> {
  box.write('mine.mjs', scenarioWith(1, `${before}; tell('stuck'); await forever();`));
  const run = startRun(box, [...PATIENT, ...args]);
  await told(box, run, /^stuck$/);
  return run;
}

const pidsOf = (run: LiveRun): Promise<readonly number[]> => Promise.all([0, 1, 2].map(run.pidOf));

const reportOf = (box: Sandbox): RunReport => JSON.parse(box.read('report.json')) as RunReport;

/** The run directory that a failed run names in the last line of stderr. */
const lastLine = (text: string): string | undefined => linesOf(text).at(-1);

test('a rank killed from outside ends the run with 128 + 9, is named, and takes the others along', async () => {
  const box = sandbox();
  const run = await stuckRun(box);
  const pids = await pidsOf(run);
  await run.arrival(2, 'mine/decide@50');
  process.kill(pids[2] ?? 0, 'SIGKILL');
  const { code, stderr } = await run.ended;
  expect(code).toBe(137);
  expect(stderr).toMatch(/^ckpt-run: rank 2 was killed by SIGKILL at barrier #\d+ "mine\/decide@50" {2}\[CKPT_RANK_KILLED\]$/m);
  expect(reportOf(box)).toMatchObject({
    failure: { kind: 'rank-killed', rank: 2, signal: 'SIGKILL' },
    ranks: [{ endedByLauncher: true }, { endedByLauncher: true }, { endedByLauncher: false, signal: 'SIGKILL' }],
  });
  await untilGone(pids);
});

test('a rank that ignores SIGTERM and blocks is killed when the shutdown time-out is over', async () => {
  const box = sandbox();
  const stubborn = `process.on('SIGTERM', () => undefined); tell('deaf'); for (;;);`;
  box.write('mine.mjs', scenarioWith(1, stubborn));
  const run = startRun(box, [...PATIENT, '--shutdown-timeout=300ms']);
  await told(box, run, /^deaf$/);
  const pids = await pidsOf(run);
  process.kill(pids[0] ?? 0, 'SIGKILL');
  const { code } = await run.ended;
  expect(code).toBe(137);
  expect(reportOf(box)).toMatchObject({ failure: { rank: 0 }, ranks: [{}, { signal: 'SIGKILL', endedByLauncher: true }, {}] });
  await untilGone(pids);
});

test('a rank that exits with 0 before its end fails the run with 124', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, 'process.exit(0);'));
  const { code, stderr } = await box.run(PATIENT);
  expect(code).toBe(124);
  expect(stderr).toMatch(/^ckpt-run: rank 1 ended with exit code 0 before its end, .* {2}\[CKPT_RANK_ENDED_EARLY\]$/m);
  expect(reportOf(box)).toMatchObject({
    failure: { kind: 'rank-ended-early', rank: 1 },
    ranks: [{}, { exitCode: 0, reachedEnd: false }, {}],
  });
});

test('a callback that throws ends the run with 1, its rank and its stack', async () => {
  const box = sandbox();
  const file = box.write(
    'mine.mjs',
    scenarioWith(1, 'explode();', `function explode() { throw new TypeError('no such tensor'); }`),
  );
  const { code, stderr } = await box.run(PATIENT);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^ckpt-run: rank 1: no such tensor {2}\[CKPT_CALLBACK_INVALID\]$/m);
  expect(stderr).toMatch(/^ {4}at explode \(/m);
  expect(stderr).toContain(file);
  expect(reportOf(box)).toMatchObject({
    exitCode: 1,
    failure: { kind: 'rank-failed', rank: 1, error: { message: 'rank 1: no such tensor' } },
  });
});

test('an exception in a timer of a callback ends the run with 1 and shows what the rank wrote', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, `setTimeout(() => { throw new Error('late trouble'); }); await forever();`));
  const { code, stderr } = await box.run(PATIENT);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^ckpt-run: rank 1: late trouble {2}\[CKPT_RANK_FAILED\]$/m);
  expect(stderr).toMatch(/^ {4}stderr of rank 1:$/m);
  expect(stderr).toContain('Error: late trouble');
});

test('ranks whose launcher was killed by SIGKILL end themselves', async () => {
  const run = await stuckRun(sandbox());
  const pids = await pidsOf(run);
  run.launcher.kill('SIGKILL');
  expect(await run.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
  await untilGone(pids);
});

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends the run with %i, and the run directory stays and is named last', async ([signal, exitCode]) => {
  const box = sandbox();
  const run = await stuckRun(box);
  const pids = await pidsOf(run);
  run.launcher.kill(signal);
  const { code, stderr } = await run.ended;
  expect(code).toBe(exitCode);
  expect(linesOf(stderr)).toContain(`ckpt-run: interrupted by ${signal}`);
  const report = reportOf(box);
  expect(report).toMatchObject({ exitCode, failure: { kind: 'interrupted', signal }, runDirectory: lastLine(stderr) });
  expect(box.list(`${report.runDirectory?.slice(box.directory.length + 1)}/journal`)).toEqual([
    'rank-0.jsonl',
    'rank-1.jsonl',
    'rank-2.jsonl',
  ]);
  await untilGone(pids);
});

test('a second SIGINT kills at once ranks that ignore SIGTERM', async () => {
  const box = sandbox();
  const stubborn = `process.on('SIGTERM', () => tell('asked to end'))`;
  const run = await stuckRun(box, stubborn, ['--shutdown-timeout=5m', '--discard-outputs']);
  const pids = await pidsOf(run);
  run.launcher.kill('SIGINT');
  await told(box, run, /^asked to end$/);
  await interruptAgain(run);
  expect(await run.ended).toMatchObject({ code: 130 });
  expect(reportOf(box).ranks[1]).toMatchObject({ signal: 'SIGKILL', endedByLauncher: true });
  expect(box.leftovers()).toEqual([]);
  await untilGone(pids);
});

test('--timeout ends a run that takes longer with 124 and says where each rank was', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, 'await forever();'));
  const { code, stderr } = await box.run([...PATIENT, '--timeout=1500ms']);
  expect(code).toBe(124);
  const place = String.raw`(?:before its first barrier|(?:at|after) barrier #\d+ "mine/[^"]+")`;
  const sentence = `the run took longer than --timeout 1.5 s: rank 0 ${place}; rank 1 ${place}; rank 2 ${place}`;
  expect(stderr).toMatch(new RegExp(`^ckpt-run: ${sentence}  \\[CKPT_RUN_TIMEOUT\\]$`, 'm'));
  expect(reportOf(box)).toMatchObject({ exitCode: 124, failure: { kind: 'timeout' } });
});

import { expect, test } from 'vitest';
import { type LiveRun, scenarioWith, startRun, told, until } from './live-run.ts';
import { linesOf, type Sandbox, sandbox, scenarioText } from './sandbox.ts';

const RUN = ['--nproc-per-node=3', '--scenario', './mine.mjs', '--discard-outputs'];

/** What rank 1 does in the evaluation of step 50: it waits until the file `go` is there. */
const UNTIL_GO = `tell('stuck');
  while (!existsSync(new URL('go', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 20));`;
const EXISTS = `import { existsSync } from 'node:fs';`;

/** A run that waits for rank 1 until the test lets it go on. */
async function heldRun(
  box: Sandbox,
  args: readonly string[],
): Promise<LiveRun & { readonly stderrHas: (words: RegExp) => Promise<true> }> {
  box.write('mine.mjs', scenarioWith(1, UNTIL_GO, EXISTS));
  const run = startRun(box, [...RUN, ...args]);
  let stderr = '';
  run.launcher.stderr?.on('data', (text: string) => {
    stderr += text;
  });
  const stderrHas = (words: RegExp): Promise<true> =>
    run.during(until(`${words}`, () => (words.test(stderr) ? true : undefined)));
  await told(box, run, /^stuck$/);
  return { ...run, stderrHas };
}

const letGo = (box: Sandbox): string => box.write('go', '');

const waits = (stderr: string): readonly string[] => linesOf(stderr).filter((line) => line.startsWith('ckpt-run: waiting '));

test('while a barrier waits, it is said for whom, and whether the rank gets on; the run passes', async () => {
  const box = sandbox();
  const run = await heldRun(box, ['--barrier-timeout=4']);
  await run.stderrHas(/waiting 2(\.\d)? s /);
  letGo(box);
  const { code, stderr } = await run.ended;
  expect(code).toBe(0);
  expect(waits(stderr).length).toBeLessThanOrEqual(3);
  for (const line of waits(stderr))
    expect(line).toMatch(
      /^ckpt-run: waiting [\d.]+ m?s at barrier #\d+ "mine\/decide@50" for rank 1 \((does not get on: no record for .*|gets on.*), \d+ % CPU\)$/,
    );
});

test('as lines of JSON, and not with --quiet', async () => {
  const box = sandbox();
  const run = await heldRun(box, ['--barrier-timeout=2', '--log-format=json']);
  const { code, stderr } = await run.ended;
  expect(code).toBe(124);
  const lines = linesOf(stderr).map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const waiting = lines.filter(({ event }) => event === 'waiting');
  expect(waiting.length).toBeGreaterThan(0);
  expect(waiting[0]).toMatchObject({
    ...{ level: 30, barrier: { name: 'mine/decide@50' }, missing: [1], waitedMs: expect.any(Number) },
    progress: [{ rank: 1, getsOn: expect.any(Boolean), cpuPercent: expect.any(Number) }],
  });

  const quietBox = sandbox();
  const quiet = await heldRun(quietBox, ['--barrier-timeout=2', '--quiet']);
  expect((await quiet.ended).stderr).not.toContain('waiting');
});

test('nothing is said of a run that gets on', async () => {
  const { code, stderr } = await sandbox().run(['--nproc-per-node=4', '--scenario=all']);
  expect(code).toBe(0);
  expect(waits(stderr)).toEqual([]);
});

test('SIGQUIT shows how the run stands, with the words of the verdict, and the run goes on and passes', async () => {
  const box = sandbox();
  const run = await heldRun(box, ['--barrier-timeout=12']);
  for (const rank of [0, 2]) await run.arrival(rank, 'mine/decide@50');
  // Before that the wait is too young for a verdict.
  await run.stderrHas(/^ckpt-run: waiting /m);
  run.launcher.kill('SIGQUIT');
  await run.stderrHas(/^ {4}files: /m);
  letGo(box);
  const { code, stderr, stdout } = await run.ended;
  expect(code).toBe(0);
  expect(stdout).toContain('✓ ALL ASSERTIONS PASSED');
  expect(stderr).toMatch(
    /^ckpt-run: WAITING at barrier #\d+ "mine\/decide@50" for .*, time-out 12 s: missing rank 1 \(arrived: ranks 0,2\)$/m,
  );
  expect(stderr).toMatch(/^ {4}verdict: {2}rank 1 .*$/m);
  expect(stderr).toMatch(/^ {4}states: {3}ranks 0,2: wait at the barrier$/m);
});

test('a SIGQUIT that comes before there is a run does nothing', async () => {
  const box = sandbox();
  // It has been delivered when a timer is over that was set behind it.
  const quit = `if (process.env.RANK === undefined) {
  process.kill(process.pid, 'SIGQUIT');
  await new Promise((resolve) => setTimeout(resolve, 50));
}`;
  box.write('mine.mjs', scenarioText('numSteps: 25,', quit));
  expect(await box.run(['--scenario=./mine.mjs', '--quiet'])).toMatchObject({ code: 0, signal: null, stderr: '' });
});

test('a second SIGQUIT within five seconds ends the run with 131', async () => {
  const box = sandbox();
  const run = await heldRun(box, ['--barrier-timeout=5m']);
  run.launcher.kill('SIGQUIT');
  await run.stderrHas(/^ckpt-run: (WAITING|RUNNING)/m);
  run.launcher.kill('SIGQUIT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(131);
  expect(linesOf(stderr)).toContain('ckpt-run: interrupted by SIGQUIT');
});

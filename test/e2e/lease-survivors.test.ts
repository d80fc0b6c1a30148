import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning, startRun, until, untilGone } from './live-run.ts';
import { linesOf, type Sandbox, sandbox, scenarioText } from './sandbox.ts';

/** Each rank says who it is at step 50 and then holds its thread, which nothing but SIGKILL ends. */
const BLOCKED = scenarioText(
  `callbacks: () => [{ name: 'Blocked', onEvaluate: (metrics, state) => {
    if (state.step !== 50) return;
    writeFileSync(new URL('rank-' + state.rank, import.meta.url), String(process.pid));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  } }],`,
  `import { writeFileSync } from 'node:fs';`,
);

/** A file may be there before what is written into it. */
const pidOf = (box: Sandbox, rank: number): Promise<number> =>
  until(`rank ${rank}`, () => {
    const file = `rank-${rank}`;
    return (existsSync(join(box.directory, file)) && Number(box.read(file))) || undefined;
  });

test('ranks that outlive their launcher because they are blocked are ended before the next run begins', async () => {
  const box = sandbox();
  box.write('mine.mjs', BLOCKED);
  const dead = startRun(box, ['--scenario=./mine.mjs', '--nproc-per-node=2', '--output-dir=out', '--barrier-timeout=5m']);
  const ranks = await dead.during(Promise.all([pidOf(box, 0), pidOf(box, 1)]));
  onTestFinished(() => ranks.filter(isRunning).forEach((pid) => void process.kill(pid, 'SIGKILL')));
  dead.launcher.kill('SIGKILL');
  await untilGone([dead.launcher.pid ?? 0]);
  expect(ranks.map(isRunning)).toEqual([true, true]);

  const [runId] = box.list('out/.ckpt-run').filter((name) => !name.startsWith('lease.'));
  // Another scenario of the same name would save where the ranks were about to.
  box.write('again.mjs', scenarioText(''));
  const again = ['--scenario=./again.mjs', '--nproc-per-node=2', '--output-dir=out', '--overwrite', '--keep-outputs', '--quiet'];
  const { code, stderr } = await box.run(again);
  expect(ranks.map(isRunning)).toEqual([false, false]);
  expect(linesOf(stderr)).toEqual([
    `ckpt-run: taking over ${box.directory}/out: its holder, pid ${dead.launcher.pid}, is dead; what its run left is in ${box.directory}/out/.ckpt-run/${runId}`,
    `ckpt-run: ending what it left alive: rank 0 (pid ${ranks[0]}), rank 1 (pid ${ranks[1]})`,
  ]);
  expect(code).toBe(0);
  await dead.ended;
  expect(box.list('out/mine')).toEqual(['checkpoint-100', 'checkpoint-50', 'checkpoint-75']);
  expect(box.list('out/.ckpt-run')).toHaveLength(2);
});

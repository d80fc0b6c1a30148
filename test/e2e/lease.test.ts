import { expect, test } from 'vitest';
import { deadHolder } from '../shared/platform/lease/lease-directory.ts';
import { scenarioWith, startRun, told, untilGone } from './live-run.ts';
import { linesOf, sandbox, scenarioText } from './sandbox.ts';

test('the directory of a dead run is taken over with one line', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(0, `tell(String(process.pid)); await forever();`));
  const dead = startRun(box, ['--scenario=./mine.mjs', '--output-dir=out', '--barrier-timeout=5m']);
  const rank = Number(await told(box, dead, /^\d+$/));
  dead.launcher.kill('SIGKILL');
  await dead.ended;
  await untilGone([rank]);
  expect(box.list('out/.ckpt-run')).toContain('lease.owner.json');
  const runId = box.list('out/.ckpt-run').find((name) => !name.startsWith('lease.'));
  box.write(`out/mine/.checkpoint-75.tmp-${runId}-0/model.safetensors`, 'torn');

  const { code, stderr } = await box.run(['--scenario=basic', '--output-dir=out', '--quiet']);
  expect(code).toBe(0);
  const out = `${box.directory}/out`;
  const left = `what its run left is in ${out}/.ckpt-run/${runId}`;
  expect(linesOf(stderr)).toEqual([`ckpt-run: taking over ${out}: its holder, pid ${dead.launcher.pid}, is dead; ${left}`]);
  // What the dead run left is still there to look at, its lease is not.
  expect(box.list('out')).toEqual(['.ckpt-run', 'mine']);
  expect(box.list('out/mine')).toEqual(['checkpoint-25']);
  expect(box.list('out/.ckpt-run')).toEqual([runId]);
});

test('a run that was killed while it took over does not stand in the way of the next', async () => {
  const box = sandbox();
  const [holder, contender] = [deadHolder('holder'), deadHolder('contender')];
  box.write('out/.ckpt-run/lease.owner.json', JSON.stringify(holder));
  box.write('out/.ckpt-run/lease.claim.holder.json', JSON.stringify(contender));
  const { code, stderr } = await box.run(['--scenario=basic', '--output-dir=out', '--quiet']);
  expect(code).toBe(0);
  expect(stderr).toBe(`ckpt-run: taking over ${box.directory}/out: its holder, pid ${holder.pid}, is dead\n`);
  expect(box.list('out/.ckpt-run')).toEqual([]);
});

test('a run in another container is not one whose checkpoints may be replaced', async () => {
  const box = sandbox();
  expect(await box.run(['--scenario=basic', '--output-dir=out', '--quiet', '--keep-outputs'])).toMatchObject({ code: 0 });
  box.write('out/.ckpt-run/lease.owner.json', JSON.stringify({ ...deadHolder(), pidNamespace: 'pid:[1]' }));
  const { code, stderr } = await box.run(['--scenario=basic', '--output-dir=out', '--quiet']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^ckpt-run: --output-dir \S+: another ckpt-run, pid \d+ on host \S+, is using this directory\. Wait/);
});

test('of two runs at once in one directory one wins, and the other is refused', async () => {
  const box = sandbox();
  const wait = `while (!existsSync(new URL('go', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 10));`;
  const fields = `callbacks: () => [{ name: 'Waiting', onEvaluate: async () => { ${wait} } }],`;
  box.write('mine.mjs', scenarioText(fields, `import { existsSync } from 'node:fs';`));
  const args = ['--scenario=./mine.mjs', '--output-dir=out', '--barrier-timeout=5m', '--quiet'];
  const runs = [startRun(box, args), startRun(box, args)];
  const pids = runs.map(({ launcher }) => launcher.pid).join('|');

  const first = await Promise.race(runs.map(({ ended }) => ended));
  expect(first).toMatchObject({ code: 2, stdout: '' });
  // The pid is not known in the instant between taking the lock and writing who took it.
  const holder = `another ckpt-run(?:, pid (?:${pids}) on host \\S+)?,? is using this directory`;
  expect(first.stderr).toMatch(new RegExp(`^ckpt-run: --output-dir \\S+: ${holder}\\. .*\\n$`));

  box.write('go', '');
  const results = await Promise.all(runs.map(({ ended }) => ended));
  expect(results.map(({ code }) => code).toSorted()).toEqual([0, 2]);
  // Whichever of them made the directory, it goes with the last.
  expect(box.list('.')).toEqual(['go', 'mine.mjs', 'tmp']);
});

/** A scenario that does something with the lease at its last save. */
const meddling = (what: string): string =>
  scenarioText(
    `callbacks: () => [{ name: 'Meddling', onSave: (state) => { if (state.step === 100) { ${what} } } }],`,
    `import { rmdirSync, writeFileSync } from 'node:fs'; const place = new URL('out/.ckpt-run/', import.meta.url);`,
  );

test.for<readonly [string, string]>([
  ['somebody else has taken over', `writeFileSync(new URL('lease.owner.json', place), '{"pid":1,"host":"x","token":"theirs"}')`],
  ['somebody removed the lock', `rmdirSync(new URL('lease.lock', place))`],
])('a run does not pass, and removes nothing, when %s before its end', async ([, what]) => {
  const box = sandbox();
  box.write('mine.mjs', meddling(what));
  const { code, stderr, report } = await box.runForReport(['--scenario=./mine.mjs', '--output-dir=out', '--quiet']);
  expect(code).toBe(1);
  expect(report).toMatchObject({ status: 'failed', failure: { kind: 'lease-lost', error: { code: 'CKPT_LEASE_LOST' } } });
  expect(linesOf(stderr)[0]).toBe('ckpt-run: the lease on the output directory was lost  [CKPT_LEASE_LOST]');
  expect(linesOf(stderr).at(-1)).toBe(report.runDirectory);
  expect(box.list('out/mine')).toContain('checkpoint-100');
});

test('a directory given back can be used again at once', async () => {
  const box = sandbox();
  box.write('out/mine.txt', '');
  for (const scenario of ['basic', 'bug-no-trim', 'basic']) {
    const { stderr } = await box.run(['--scenario', scenario, '--output-dir=out', '--quiet', '--discard-outputs']);
    expect(stderr).toBe('');
    expect(box.list('out')).toEqual(['mine.txt']);
  }
});

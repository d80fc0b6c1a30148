import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scenarioWith, startRun, told, untilGone } from './live-run.ts';
import { linesOf, type Sandbox, sandbox } from './sandbox.ts';

const RUN = ['--nproc-per-node=3', '--scenario', './mine.mjs'];

/** The run directory of a run that hung because rank 1 returned early. */
async function hungRun(box: Sandbox): Promise<{ readonly directory: string; readonly report: string }> {
  const args = ['--nproc-per-node=3', '--scenario=bug-early-return', '--barrier-timeout=1', '--quiet'];
  const { code, stderr } = await box.run(args);
  expect(code).toBe(124);
  const lines = linesOf(stderr);
  return { directory: lines.at(-1) ?? '', report: lines.slice(0, -1).join('\n') };
}

test('a run that hung is explained from its directory, with its report again', async () => {
  const box = sandbox();
  const { directory, report } = await hungRun(box);
  const { code, stdout, stderr } = await box.run(['inspect', directory]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^ckpt-run: run \S+, attempt 0: hang, exit code 124\n {4}asked: {4}bug-early-return on 3 ranks, /);
  expect(stdout).toMatch(/^ {4}timeline: barrier .*#\d+$/m);
  expect(stdout).toMatch(/^ {14}rank 1 .* -$/m);
  expect(stdout).toMatch(/^ {14}rank 2 .*, gave up$/m);
  const [headline = '', verdict = ''] = report.split('\n');
  expect(stdout).toContain(`${headline}\n${verdict}\n`);
});

test('as JSON it has the plan, the report, the evidence and the diagnosis', async () => {
  const box = sandbox();
  const { directory } = await hungRun(box);
  const { code, stdout } = await box.run(['inspect', '--log-format=json', directory]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ format: 'ckpt-run-inspection', version: 1, state: 'ended', worldSize: 3, runDirectory: directory, notRead: [] },
    plan: { format: 'ckpt-run-plan' },
    report: { exitCode: 124, failure: { kind: 'hang' } },
    ranks: [{ kind: 'ended' }, { kind: 'ended' }, { kind: 'ended' }],
    evidence: { barrier: { name: 'bug-early-return/save@75:written' } },
    diagnosis: { verdict: { class: expect.any(String) } },
  });
});

test('an output directory with one run stands for the run', async () => {
  const box = sandbox();
  const args = ['--scenario=basic', '--nproc-per-node=2', '--output-dir=out', '--keep-outputs', '--quiet'];
  expect((await box.run(args)).code).toBe(0);
  const { code, stdout } = await box.run(['inspect', 'out']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ckpt-run: run \S+, attempt 0: passed, exit code 0$/m);
  expect(stdout).toMatch(/^ {4}ranks: {4}ranks 0,1: reached their end$/m);
  expect((await box.run([...args, '--overwrite'])).code).toBe(0);
  expect(await box.run(['inspect', 'out'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^ckpt-run: .*got "out", in which there are 2 runs, expected one of them\. Name one: .*\n$/),
  });
});

describe('of a run that goes on', () => {
  const UNTIL_GO = `tell('stuck');
    while (!existsSync(new URL('go', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 20));`;

  test('the ranks are looked at, and it passes all the same', async () => {
    const box = sandbox();
    box.write('mine.mjs', scenarioWith(1, UNTIL_GO, `import { existsSync } from 'node:fs';`));
    const run = startRun(box, [...RUN, '--barrier-timeout=5m', '--quiet']);
    await told(box, run, /^stuck$/);
    for (const rank of [0, 2]) await run.arrival(rank, 'mine/decide@50');
    const [output = ''] = box.leftovers();
    const { code, stdout } = await run.during(box.run(['inspect', join(box.temporary, output)]));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ckpt-run: run \S+, attempt 0: running$/m);
    expect(stdout).toMatch(/^ {4}ranks: {4}ranks 0-2: live$/m);
    expect(stdout).toMatch(/^ckpt-run: WAITING at barrier #\d+ "mine\/decide@50" .*: missing rank 1 /m);
    box.write('go', '');
    expect(await run.ended).toMatchObject({ code: 0, stdout: '✓ ALL ASSERTIONS PASSED\n', stderr: '' });
  });

  test('a rank that takes SIGUSR1 for itself is not asked, and it is said why', async () => {
    const box = sandbox();
    const own = `process.on('SIGUSR1', () => process.exit(75));`;
    box.write('mine.mjs', scenarioWith(1, `${own} ${UNTIL_GO}`, `import { existsSync } from 'node:fs';`));
    const run = startRun(box, [...RUN, '--barrier-timeout=5m', '--quiet']);
    await told(box, run, /^stuck$/);
    for (const rank of [0, 2]) await run.arrival(rank, 'mine/decide@50');
    const [output = ''] = box.leftovers();
    const { stdout } = await run.during(box.run(['inspect', join(box.temporary, output)]));
    expect(stdout).toContain('event loop of rank 1 not seen (it has a handler of its own for SIGUSR1)');
    box.write('go', '');
    expect(await run.ended).toMatchObject({ code: 0, stdout: '✓ ALL ASSERTIONS PASSED\n', stderr: '' });
  });
});

test('a run whose launcher was killed is explained as far as its files say, and nobody is blamed', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, `tell('stuck'); await forever();`));
  const run = startRun(box, [...RUN, '--barrier-timeout=5m', '--quiet']);
  await told(box, run, /^stuck$/);
  for (const rank of [0, 2]) await run.arrival(rank, 'mine/decide@50');
  const pids = await Promise.all([0, 1, 2].map(run.pidOf));
  run.launcher.kill('SIGKILL');
  await run.ended;
  await untilGone(pids);
  const [output = ''] = box.leftovers();
  const { code, stdout } = await box.run(['inspect', join(box.temporary, output)]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /attempt 0: its launcher ended without a report: there is no report\.json, and none of its ranks runs$/m,
  );
  expect(stdout).toMatch(/^ {14}rank 1 .* -$/m);
  expect(stdout).not.toContain('verdict:');
});

test('torn journals, missing files and fields of other versions are said, and the rest is explained', async () => {
  const box = sandbox();
  const { directory } = await hungRun(box);
  rmSync(join(directory, 'plan.json'));
  rmSync(join(directory, 'journal', 'rank-0.jsonl'));
  const torn = join(directory, 'journal', 'rank-2.jsonl');
  truncateSync(torn, readFileSync(torn).length - 5);
  appendFileSync(
    join(directory, 'journal', 'rank-1.jsonl'),
    '{"atMs":1,"type":"barrier:arrived"}\n{"atMs":2,"type":"new","x":[]}\n',
  );
  writeFileSync(join(directory, 'report.json'), '{"format":"ckpt-run-report","version":9}');
  rmSync(join(directory, 'barriers', 'tmp'), { recursive: true });
  const { code, stdout, stderr } = await box.run(['inspect', directory]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const what of [
    'plan.json is missing',
    'report.json lacks fields that this version knows',
    'rank 2: the last line of the journal is torn',
    'rank 1: events of the journal lack fields that this version knows',
  ])
    expect(stdout).toContain(what);
  expect(stdout).toMatch(/^ckpt-run: HANG: barrier #\d+ .* was given up: arrived ranks 0,2, missing rank 1$/m);
  expect((await box.run(['inspect', directory, '--log-format=json'])).code).toBe(0);
});

describe('what is no run is refused in one line', () => {
  test.for([
    ['missing', 'which does not exist'],
    ['file', 'which is no directory'],
    ['empty', 'in which there is no run of a scenario'],
  ] as const)('%s', async ([name, why]) => {
    const box = sandbox();
    box.write('file', '');
    box.write('empty/other', '');
    expect(await box.run(['inspect', name])).toEqual({
      ...{ code: 2, signal: null, stdout: '' },
      stderr:
        `ckpt-run: ckpt-run inspect: got "${name}", ${why}, expected a run directory. ` +
        'Name the directory that the last line of a failed run names, or an output directory with one run in it.\n',
    });
  });
});

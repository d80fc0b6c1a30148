import { linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { scenarioWith, startRun, told } from './live-run.ts';
import { type Sandbox, sandbox, scenarioText } from './sandbox.ts';

const TWO = ['--nproc-per-node=2', '--quiet'];

const EARLIER = 'the report of an earlier run';

/** The report of a run, all at once in the place of the earlier one, and nothing else left there. */
function reportOf(box: Sandbox): RunReport {
  expect(box.read('earlier.json')).toBe(EARLIER);
  expect(box.list('reports')).toEqual(['report.json']);
  return JSON.parse(box.read('reports/report.json')) as RunReport;
}

/** A sandbox with a place for reports and a scenario. */
function prepared(scenario = ''): Sandbox {
  const box = sandbox();
  // Whoever has opened the earlier report goes on reading that one: here by a second link to it.
  linkSync(box.write('reports/report.json', EARLIER), join(box.directory, 'earlier.json'));
  box.write('mine.mjs', scenario);
  return box;
}

const MINE = [...TWO, '--scenario=./mine.mjs', '--report=reports/report.json'];

/** Runs that end in each way, and what their report says. */
const ENDINGS: readonly {
  readonly how: string;
  readonly scenario: string;
  readonly args?: readonly string[];
  readonly says: object;
}[] = [
  { how: 'passes', scenario: scenarioText(''), says: { status: 'passed', exitCode: 0, failure: null } },
  {
    how: 'fails an assertion',
    scenario: scenarioText('expect: { onDisk: [25] },'),
    says: { status: 'failed', exitCode: 1, failure: null, verdicts: [{ scenario: 'mine', status: 'failed' }] },
  },
  {
    how: 'throws',
    scenario: scenarioText(`faults: [{ kind: 'throw', rank: 1, step: 50, message: 'enough' }],`),
    says: { exitCode: 1, failure: { kind: 'rank-failed', rank: 1, error: { code: 'CKPT_FAULT_INJECTED', message: 'enough' } } },
  },
  {
    how: 'is killed',
    scenario: scenarioText(`faults: [{ kind: 'kill', rank: 1, step: 50 }],`),
    says: { exitCode: 137, failure: { kind: 'rank-killed', rank: 1, signal: 'SIGKILL' }, verdicts: [] },
  },
  {
    how: 'takes too long',
    scenario: scenarioWith(0, 'await forever();'),
    args: ['--timeout=1'],
    says: { exitCode: 124, failure: { kind: 'timeout', error: { code: 'CKPT_RUN_TIMEOUT' } } },
  },
];

test.for(ENDINGS)(
  'a run that $how has a whole report, the same as in the run directory',
  async ({ scenario, args = [], says }) => {
    const box = prepared(scenario);
    const { code } = await box.run([...MINE, '--keep-outputs', ...args]);
    const report = reportOf(box);
    expect(report).toMatchObject({
      format: 'ckpt-run-report',
      version: 1,
      worldSize: 2,
      ranks: [{ rank: 0 }, { rank: 1 }],
      ...says,
    });
    expect(report.exitCode).toBe(code);
    const kept = report.runDirectory?.slice(box.directory.length + 1) ?? '';
    expect(box.read(`${kept}/report.json`)).toBe(box.read('reports/report.json'));
    expect(box.list(kept).filter((name) => name.includes('tmp'))).toEqual([]);
  },
);

test('a run that is interrupted has a whole report', async () => {
  const box = prepared(scenarioWith(0, `tell('here'); await forever();`));
  const run = startRun(box, MINE);
  await told(box, run, /^here$/);
  run.launcher.kill('SIGINT');
  await run.ended;
  expect(reportOf(box)).toMatchObject({ status: 'failed', exitCode: 130, failure: { kind: 'interrupted', signal: 'SIGINT' } });
});

test('the report of a run that is refused is not touched', async () => {
  const box = prepared('export default 3');
  expect(await box.run(MINE)).toMatchObject({ code: 2 });
  expect(box.read('reports/report.json')).toBe(EARLIER);
  expect(box.list('reports')).toEqual(['report.json']);
});

test('a report goes through a link to the file behind it', async () => {
  const box = prepared(scenarioText(''));
  symlinkSync('reports/report.json', join(box.directory, 'latest.json'));
  expect(await box.run([...TWO, '--scenario=./mine.mjs', '--report=latest.json'])).toMatchObject({ code: 0 });
  expect(reportOf(box)).toMatchObject({ status: 'passed' });
  expect(JSON.parse(box.read('latest.json'))).toEqual(reportOf(box));
});

test('no report records the environment', async () => {
  const box = prepared(scenarioText(`faults: [{ kind: 'throw', rank: 0, step: 25 }],`));
  await box.run([...MINE, '--keep-outputs'], { env: { MY_SECRET: 'hunter2-correct-horse' } });
  const everything = box
    .listAll()
    .filter((line) => /\.(?:jsonl?|log) /.test(line))
    .map((line) => box.read(line.split(' ', 1)[0] ?? ''));
  expect(everything.length).toBeGreaterThan(4);
  expect(everything.join('\n')).not.toContain('hunter2');
});

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CheckpointTestHarness as Harness, HarnessOptions, HarnessReport } from '../../launcher/harness.ts';
import { ROOT } from '../../scripts/source-files.ts';
import { temporaryDirectory } from './run-command.ts';
import { onlyVerdict, scenarioText } from './sandbox.ts';

/** The package's door, as somebody's own test imports it. */
const { CheckpointTestHarness } = (await import(pathToFileURL(join(ROOT, 'dist', 'harness.js')).href)) as {
  readonly CheckpointTestHarness: typeof Harness;
};

const run = (options?: HarnessOptions): Promise<HarnessReport> => new CheckpointTestHarness(options).run();

let temporary = '';

beforeEach(() => {
  temporary = temporaryDirectory();
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(() => vi.unstubAllEnvs());

test("the harness of the user's document reproduces the bug from its log", async () => {
  const outputDir = join(temporary, 'test');
  const report = await run({
    outputDir,
    preserveNBest: 2,
    saveTotalLimit: 3,
    injectSpikeAtStep: 75,
    numSteps: 150,
    evalInterval: 25,
    saveInterval: 25,
  });
  expect(report).toMatchObject({ passed: true, status: 'passed', exitCode: 0, worldSize: 1, failure: null, outputDir });
  expect(onlyVerdict(report)).toMatchObject({
    scenario: 'spike',
    onDisk: [25, 50, 75, 100],
    best: [{ step: 50 }, { step: 25 }],
    divergedAtStep: 100,
  });
  expect(readdirSync(temporary)).toEqual([]);
});

test('without options it runs basic on one rank, and the output is the verification', async () => {
  const report = await run();
  expect(onlyVerdict(report).scenario).toBe('basic');
  expect(report.output).toContain('Verifying results...\nCheckpoints on disk: 3\n  checkpoint-50\n');
  expect(report.output).toContain('✓ ALL ASSERTIONS PASSED\n');
  expect(readdirSync(temporary)).toEqual([]);
});

test('every parameter reaches the run', async () => {
  const file = join(temporary, 'mine.mjs');
  writeFileSync(file, scenarioText(''));
  const report = await run({
    ...{
      scenario: file,
      worldSize: 3,
      numSteps: 60,
      evalInterval: 10,
      saveInterval: 10,
      saveTotalLimit: 'none',
      preserveNBest: 1,
    },
    ...{ injectSpikeAtStep: 'none', seed: 5, barrierTimeoutMs: 60_000, timeoutMs: 60_000, overwrite: true, keepOutputs: true },
    outputDir: join(temporary, 'kept'),
  });
  expect(report).toMatchObject({
    passed: true,
    worldSize: 3,
    ranks: [{}, {}, {}],
    runDirectory: expect.stringContaining(join(temporary, 'kept')),
  });
  expect(onlyVerdict(report)).toMatchObject({ onDisk: [10, 20, 30, 40, 50, 60], best: [{ step: 60 }] });
  expect(readdirSync(join(temporary, 'kept', 'mine'))).toHaveLength(6);
});

test('a run that fails is a report and not an exception, and says why', async () => {
  const report = await run({ scenario: 'bug-no-trim', worldSize: 2 });
  expect(report).toMatchObject({ passed: false, status: 'failed', exitCode: 1 });
  expect(report.output).toContain('✗ Best checkpoints count: 4 <= preserve_n_best=2');
  expect(report.runDirectory).not.toBeNull();
});

test('with discardOutputs nothing stays after a failure either', async () => {
  const report = await run({ scenario: 'bug-no-trim', discardOutputs: true });
  expect(report).toMatchObject({ exitCode: 1, runDirectory: null });
  expect(readdirSync(temporary)).toEqual([]);
});

test('a scenario that never finishes loading is refused when the time is over', async () => {
  const file = join(temporary, 'mine.mjs');
  writeFileSync(file, 'await new Promise(() => undefined);');
  await expect(run({ scenario: file, timeoutMs: 50 })).rejects.toMatchObject({ name: 'CkptError', code: 'CKPT_RUN_TIMEOUT' });
});

test('a run that breaks down is a report with the failure in its output', async () => {
  const file = join(temporary, 'mine.mjs');
  writeFileSync(file, scenarioText(`faults: [{ kind: 'exit', rank: 1, step: 25, code: 0 }],`));
  const report = await run({ scenario: file, worldSize: 2 });
  expect(report).toMatchObject({ passed: false, exitCode: 124, failure: { kind: 'rank-ended-early', rank: 1 } });
  expect(report.output).toMatch(/^ckpt-run: rank 1 ended with exit code 0 before its end, /m);
});

test('nothing is printed by the run itself', async () => {
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  await run({ worldSize: 2 });
  await run({ scenario: 'bug-no-trim' });
  expect(spies.map((spy) => spy.mock.calls.flat().filter((text) => /checkpoint|ckpt-run/.test(String(text))))).toEqual([[], []]);
});

test('two harnesses may run at once', async () => {
  const reports = await Promise.all([run({ worldSize: 2 }), run({ injectSpikeAtStep: 75, numSteps: 150, worldSize: 2 })]);
  expect(reports.map(({ passed }) => passed)).toEqual([true, true]);
});

test.for([
  ['worldSize', { worldSize: 0 }],
  ['worldSize', { worldSize: 1.5 }],
  ['worldSize', { worldSize: 4097 }],
  ['numSteps', { numSteps: -1 }],
  ['evalInterval', { evalInterval: Number.NaN }],
  ['saveInterval', { saveInterval: 0 }],
  ['saveTotalLimit', { saveTotalLimit: 0 }],
  ['preserveNBest', { preserveNBest: -1 }],
  ['injectSpikeAtStep', { injectSpikeAtStep: 2.5 }],
  ['seed', { seed: -1 }],
  ['barrierTimeoutMs', { barrierTimeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: 2 ** 31 }],
  ['outputDir', { outputDir: '' }],
  ['scenario', { scenario: 'spkie' }],
  ['keepOutputs', { keepOutputs: 'yes' }],
  ['overwrite', { overwrite: 1 }],
  ['discardOutputs', { discardOutputs: null }],
  ['keepOutputs and discardOutputs', { keepOutputs: true, discardOutputs: true }],
  ['options', null],
  ['options', 'spike'],
  ['presreveNBest', { presreveNBest: 2 }],
] as const)('a bad %s is a CkptError that names it', async ([name, options]) => {
  const refused = run(options as unknown as HarnessOptions);
  await expect(refused).rejects.toMatchObject({ name: 'CkptError', code: 'CKPT_USAGE', message: expect.stringContaining(name) });
  expect(readdirSync(temporary)).toEqual([]);
});

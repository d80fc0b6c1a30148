import { expect, test } from 'vitest';
import { linesOf, sandbox, scenarioText } from './sandbox.ts';

type Line = Readonly<Record<string, unknown>>;

const parsed = (stderr: string): readonly Line[] => linesOf(stderr).map((line) => JSON.parse(line) as Line);

test('with --log-format json a failure is one line of JSON, and so is the place of what was kept', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioText(`faults: [{ kind: 'exit', rank: 1, step: 25, code: 0 }],`));
  const args = ['--nproc-per-node=2', '--scenario=./mine.mjs', '--log-format=json', '--quiet'];
  const { stderr, report } = await box.runForReport(args);
  const [failure, kept, ...more] = parsed(stderr);
  expect(more).toEqual([]);
  expect(failure).toEqual({
    level: 50,
    time: expect.any(Number),
    event: 'failure',
    code: 'CKPT_RANK_ENDED_EARLY',
    exitCode: 124,
    failure: report.failure,
    diagnosis: report.diagnosis,
    msg: expect.stringMatching(/^ckpt-run: rank 1 ended with exit code 0 before its end, .*\n {4}fix: /s),
  });
  expect(kept).toMatchObject({ level: 30, event: 'kept', path: report.runDirectory, msg: report.runDirectory });
});

test.for([
  ['an impossible value', ['--log-format=json', '--num-steps=many'], '--num-steps: got "many"'],
  ['an unknown option', ['--frobnicate', '--log_format', 'json'], '--frobnicate: there is no such option'],
  ['an unknown scenario', ['--log-format=json', '--scenario=none'], '--scenario none: there is no such scenario'],
] as const)('with --log-format json %s is refused in a line of JSON', async ([, args, sentence]) => {
  const { code, stdout, stderr } = await sandbox().run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const refusal = { level: 50, event: 'refusal', code: 'CKPT_USAGE', exitCode: 2, hint: expect.any(String) };
  expect(parsed(stderr)).toEqual([
    { ...refusal, time: expect.any(Number), msg: expect.stringContaining(`ckpt-run: ${sentence}`) },
  ]);
});

test('with --log-format json a scenario file that ends the process is refused in a line of JSON', async () => {
  const box = sandbox();
  box.write('mine.mjs', 'process.exit(0)');
  const { code, stderr } = await box.run(['--log-format=json', '--scenario=./mine.mjs']);
  expect(code).toBe(2);
  expect(parsed(stderr)).toMatchObject([{ event: 'refusal', code: 'CKPT_SCENARIO_INVALID', exitCode: 2 }]);
});

test('with --log-format json a warning is a line of JSON', async () => {
  const box = sandbox();
  box.write(
    'mine.mjs',
    scenarioText('', `import { rmSync } from 'node:fs'; if (process.env.RANK === '0') rmSync('reports', { recursive: true });`),
  );
  box.write('reports/.keep', '');
  const { code, stderr } = await box.run(['--log-format=json', '--quiet', '--scenario=./mine.mjs', '--report=reports/r.json']);
  expect(code).toBe(0);
  expect(parsed(stderr)).toMatchObject([{ level: 40, event: 'warning', msg: expect.stringMatching(/^ckpt-run: no report in /) }]);
});

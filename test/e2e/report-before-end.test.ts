import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { isRunning, scenarioWith, startRun, told, until } from './live-run.ts';
import { sandbox } from './sandbox.ts';

const RUN = ['--nproc-per-node=2', '--scenario=./mine.mjs', '--discard-outputs', '--quiet', '--shutdown-timeout=5m'];

test('a hang is reported while a rank still resists its end, and the report has the same', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, `process.on('SIGTERM', () => undefined); tell('stuck'); for (;;);`));
  const run = startRun(box, [...RUN, '--barrier-timeout=1', '--report=report.json', '--log-format=json']);
  let stderr = '';
  run.launcher.stderr?.on('data', (text: string) => {
    stderr += text;
  });
  await told(box, run, /^stuck$/);
  const pid = await run.pidOf(1);
  const line = await run.during(
    until('the report', () => stderr.split('\n').find((each) => each.includes('"event":"failure"')), 20_000),
  );
  const [output = ''] = box.leftovers();
  const { stdout } = await run.during(box.run(['inspect', join(box.temporary, output)]));
  expect(stdout).toMatch(/^ckpt-run: run \S+, attempt 0: its ranks are being ended$/m);
  expect(stdout).toMatch(
    /^ckpt-run: HANG: barrier .* was given up: missing rank 1 \(arrived: rank 0\)\n {4}verdict: {2}rank 1 lives/m,
  );
  expect(isRunning(pid)).toBe(true);
  process.kill(pid, 'SIGKILL');
  const { code, stderr: all } = await run.ended;
  expect(code).toBe(124);
  const said = JSON.parse(line) as Pick<RunReport, 'failure' | 'diagnosis'>;
  const { failure, diagnosis } = JSON.parse(box.read('report.json')) as RunReport;
  expect(said).toMatchObject({ failure, diagnosis });
  expect(diagnosis?.verdict).toMatchObject({ class: 'loop-blocked-js', ranks: [1], confidence: 'high' });
  expect(all.match(/"event":"failure"/g)).toHaveLength(1);
});

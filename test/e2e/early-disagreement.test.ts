import { expect, test } from 'vitest';
import { sandbox, scenarioText } from './sandbox.ts';

test('ranks that were given different numbers are told apart before any data moves', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioText(`saveInterval: process.env['RANK'] === '1' ? 50 : 25,`));
  const args = ['--scenario=./mine.mjs', '--nproc-per-node=3', '--quiet', '--discard-outputs'];
  const { code, report, stderr } = await box.runForReport(args);
  expect(code, stderr).toBe(124);
  expect(report.diagnosis?.verdict).toMatchObject({ class: 'desync', ranks: [1], confidence: 'high' });
  expect(stderr).toContain('rank 1 at "mine/start" with saveInterval 50');
  expect(stderr).toContain('ranks 0,2 at "mine/start" with saveInterval 25');
});

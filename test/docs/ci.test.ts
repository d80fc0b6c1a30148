import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { type CommandResult, runCommand } from '../e2e/run-command.ts';
import { sandbox } from '../e2e/sandbox.ts';

/** Runs docs/examples/ci.sh as it stands, with ckpt-run on the path. */
async function runScript(
  env: Readonly<Record<string, string>>,
): Promise<CommandResult & { readonly reports: readonly string[] }> {
  const box = sandbox();
  mkdirSync(join(box.directory, 'bin'));
  symlinkSync(join(ROOT, 'dist', 'ckpt-run.cjs'), join(box.directory, 'bin', 'ckpt-run'));
  const path = `${join(box.directory, 'bin')}:${process.env['PATH']}`;
  const options = { cwd: box.directory, env: { PATH: path, TMPDIR: box.temporary, ...env }, timeoutMs: 50_000 };
  const result = await runCommand('sh', [join(ROOT, 'docs', 'examples', 'ci.sh')], options);
  return { ...result, reports: box.list('reports') };
}

test('docs/examples/ci.sh passes, quietly, and keeps the reports', async () => {
  const { code, stdout, reports, stderr } = await runScript({});
  expect(code, stderr).toBe(0);
  const passed = ['✓ ALL ASSERTIONS PASSED', '✓ ALL ASSERTIONS PASSED'];
  const lines = ['checkpoints on 1 rank(s)', ...passed, 'checkpoints on 2 rank(s)', ...passed];
  expect(stdout).toBe(`${lines.join('\n')}\n`);
  expect(reports).toEqual(['ckpt-run-1.json', 'ckpt-run-2.json']);
});

test('docs/examples/ci.sh ends with the exit code of a run that does not pass', async () => {
  expect(await runScript({ CKPT_RUN_NUM_STEPS: '0' })).toMatchObject({ code: 2, reports: [] });
});

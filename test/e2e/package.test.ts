import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { mustRun, runCommand, temporaryDirectory } from './run-command.ts';

const CONSUMER = `
import { defineScenario, type ScenarioDefinition } from 'ckpt-run';
import { CheckpointTestHarness } from 'ckpt-run/harness';

const scenario: ScenarioDefinition = defineScenario({ name: 'mine', summary: 'x', metric: (step: number) => 1 / step });
export const harness: typeof CheckpointTestHarness = CheckpointTestHarness;
export default scenario;
`;

/** Packs this package and installs it into a project that knows nothing else, not even Node's types. */
async function installPackage(directory: string): Promise<void> {
  await mustRun('npm', ['pack', '--ignore-scripts', '--pack-destination', directory]);
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await mustRun('sh', ['-c', 'npm install "$@" ./ckpt-run-*.tgz', 'sh', ...quiet], { cwd: directory, timeoutMs: 90_000 });
}

function typeCheck(directory: string, module: string, moduleResolution: string): Promise<string> {
  const compilerOptions = {
    module,
    moduleResolution,
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
    types: [],
  };
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  return mustRun(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', directory]);
}

test('the packed package installs, runs and type-checks elsewhere', { timeout: 120_000 }, async () => {
  const directory = temporaryDirectory();
  await installPackage(directory);

  const elsewhere = join(directory, 'else where');
  mkdirSync(elsewhere);
  const run = await runCommand(join(directory, 'node_modules', '.bin', 'ckpt-run'), ['--scenario', 'basic'], { cwd: elsewhere });
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ ALL ASSERTIONS PASSED') });

  writeFileSync(join(directory, 'consumer.ts'), CONSUMER);
  expect(await typeCheck(directory, 'nodenext', 'nodenext')).toBe('');
  expect(await typeCheck(directory, 'esnext', 'bundler')).toBe('');

  const importBoth = `await import('ckpt-run'); await import('ckpt-run/harness');`;
  expect(await mustRun(process.execPath, ['--input-type=module', '-e', importBoth], { cwd: directory })).toBe('');
  const pythonPath = await mustRun(join(directory, 'node_modules', '.bin', 'ckpt-run'), ['python-path']);
  expect(readdirSync(pythonPath.trimEnd())).toEqual(['ckpt_run.py', 'ckpt_run_watch']);
  const required = await runCommand(process.execPath, ['-p', `typeof require('ckpt-run').defineScenario`], { cwd: directory });
  expect(required).toMatchObject({ code: 0, stdout: 'function\n', stderr: '' });
});

import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { engineExample, pathWithCommand } from '../e2e/engine-run.ts';
import { type CommandResult, runCommand } from '../e2e/run-command.ts';
import { type Sandbox, sandbox } from '../e2e/sandbox.ts';
import { PYTHON, torchTest } from './torch-run.ts';

/** Debian's torchrun cannot do without on Python 3.11. */
const SETTINGS = { PET_REDIRECTS: '9:1', PET_TEE: '9:1', PET_MONITOR_INTERVAL: '0.1', NODE_EXTRA_CA_CERTS: undefined };

const torchrun = (box: Sandbox, options: readonly string[], args: readonly string[]): Promise<CommandResult> =>
  runCommand(
    PYTHON,
    [
      ...['-m', 'torch.distributed.run', '--no_python', ...options],
      process.execPath,
      join(ROOT, 'dist', 'ckpt-run.cjs'),
      ...args,
    ],
    { cwd: box.directory, timeoutMs: 100_000, env: { ...SETTINGS, TMPDIR: box.temporary } },
  );

torchTest('torchrun starts the ranks, which meet in the directory that it made', async () => {
  const box = sandbox();
  const { code, stdout, stderr } = await torchrun(box, ['--nproc_per_node=2'], ['--scenario=all']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout.match(/^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^Scenario spike on 2 ranks$/m);
  expect(stderr).toMatch(
    /^ckpt-run: worker, rank 0 of 2 \(local 0 of 2\), started by torchrun, run torchrun-none_\S+, attempt 0; /m,
  );
  expect(box.listAll().filter((path) => path.includes('ckpt-run'))).toEqual([]);
});

torchTest('a restarted group is another attempt, and replaces what the first one left', async () => {
  const box = sandbox();
  const args = ['--scenario=hang-died', '--output-dir=out', '--quiet'];
  const { code, stderr } = await torchrun(box, ['--nproc_per_node=2', '--max_restarts=1'], args);
  expect({ code, stderr }).toMatchObject({ code: 1 });
  expect(stderr.match(/^ckpt-run: rank 1 exited with code 3 after barrier #\d+ "\S+" {2}\[CKPT_RANK_FAILED\]$/gm)).toHaveLength(
    2,
  );
  const [run = ''] = box.list('out/.ckpt-run');
  expect(box.list(`out/.ckpt-run/${run}`)).toEqual(['attempt_0', 'attempt_1']);
});

torchTest('docs/examples/engines/torchrun.sh passes', async () => {
  const box = sandbox();
  const path = pathWithCommand(box, { torchrun: `${PYTHON} -m torch.distributed.run` });
  const options = { cwd: box.directory, timeoutMs: 100_000, env: { ...SETTINGS, TMPDIR: box.temporary, PATH: path } };
  const { code, stdout, stderr } = await runCommand('sh', [engineExample('torchrun.sh')], options);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout.match(/^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
});

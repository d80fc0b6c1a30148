import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMMAND, engineExample, pathWithCommand } from './engine-run.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

const MPIEXEC = 'mpiexec.hydra';
const isThere = spawnSync(MPIEXEC, ['--version']).status === 0;
if (!isThere) console.log(`skipped: no ${MPIEXEC} of MPICH; install it (Debian: mpich)`);

/** A test that needs it. */
const mpichTest = test.skipIf(!isThere);

const mpiexec = (box: Sandbox, args: readonly string[]): Promise<CommandResult> =>
  runCommand(MPIEXEC, ['-n', '4', ...COMMAND, '--output-dir=out', ...args], {
    cwd: box.directory,
    env: { TMPDIR: box.temporary, NODE_EXTRA_CA_CERTS: undefined },
  });

mpichTest('docs/examples/engines/mpich.sh: Hydra starts the ranks, and the verdict is one of all of them', async () => {
  const box = sandbox();
  const env = { PATH: pathWithCommand(box), TMPDIR: box.temporary, NODE_EXTRA_CA_CERTS: undefined };
  const { code, stdout, stderr } = await runCommand(engineExample('mpich.sh'), [], { cwd: box.directory, env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout.match(/^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
  expect(stderr).toMatch(/^ckpt-run: worker, rank 0 of 4 \(local 0 of 4\), started by MPICH, run \d{8}-\S+, attempt 0; /);
  expect(box.list('.')).toEqual(['tmp']);
});

mpichTest('a rank that throws: the exit code reaches mpiexec, and one rank says it', async () => {
  const box = sandbox();
  const args = ['--run-id=one', '--scenario=hang-exception-before-barrier', '--report=report.json'];
  const { code, stderr } = await mpiexec(box, args);
  expect({ code, stderr }).toMatchObject({ code: 1 });
  expect(stderr.match(/^ckpt-run: rank 1: ordered to throw before the barrier {2}\[CKPT_/gm)).toHaveLength(1);
  expect(JSON.parse(box.read('report.json'))).toMatchObject({ worldSize: 4, failure: { kind: 'rank-failed', rank: 1 } });
});

mpichTest('without a name for the run it refuses, and says how to give one', async () => {
  const box = sandbox();
  const { code, stdout, stderr } = await mpiexec(box, ['--scenario=basic']);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.match(/ckpt-run: /g)).toHaveLength(1);
  expect(stderr).toContain(
    'ckpt-run: --run-id: nothing given, and MPICH gives its ranks no name in common that is new for each run. Add --run-id, or set CKPT_RUN_RUN_ID, to what',
  );
  expect(box.list('.')).toEqual(['tmp']);
});

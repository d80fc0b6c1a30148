import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { engineExample, pathWithCommand } from './engine-run.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

/** Debian's name for it: where MPICH is installed too, mpirun may be either. */
const MPIRUN = spawnSync('mpirun.openmpi', ['--version']).status === 0 ? 'mpirun.openmpi' : 'mpirun';
const isThere = /Open MPI|OpenRTE/.test(spawnSync(MPIRUN, ['--version'], { encoding: 'utf8' }).stdout ?? '');
if (!isThere) console.log('skipped: no mpirun of Open MPI; install it (Debian: openmpi-bin)');

/** A test that needs it. */
const mpiTest = test.skipIf(!isThere);

const COMMAND = [process.execPath, join(ROOT, 'dist', 'ckpt-run.cjs'), '--output-dir=out'];
/** It takes a second to start, and on a busy machine more. */
const TIMEOUT_MS = 60_000;

const mpirun = (box: Sandbox, args: readonly string[]): Promise<CommandResult> =>
  runCommand(MPIRUN, ['--allow-run-as-root', '--oversubscribe', ...args], {
    cwd: box.directory,
    timeoutMs: TIMEOUT_MS,
    env: { NODE_EXTRA_CA_CERTS: undefined },
  });

const lines = (text: string, pattern: RegExp): readonly string[] => text.match(pattern) ?? [];

mpiTest(
  'mpirun starts the ranks, and the verdict is one of all of them',
  async () => {
    const box = sandbox();
    const { code, stdout, stderr } = await mpirun(box, ['-n', '4', ...COMMAND, '--scenario=all']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(lines(stdout, /^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
    expect(lines(stdout, /^Scenario basic on 4 ranks$/gm)).toHaveLength(1);
    expect(
      lines(stderr, /^ckpt-run: worker, rank 0 of 4 \(local 0 of 4\), started by Open MPI, run openmpi-\S+, attempt 0; /gm),
    ).toHaveLength(1);
    expect(box.list('.')).toEqual(['tmp']);
  },
  TIMEOUT_MS,
);

mpiTest(
  'docs/examples/engines/open-mpi.sh passes',
  async () => {
    const box = sandbox();
    const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
    const env = { ...asRoot, PATH: pathWithCommand(box, { mpirun: MPIRUN }), NODE_EXTRA_CA_CERTS: undefined };
    const options = { cwd: box.directory, env, timeoutMs: TIMEOUT_MS };
    const { code, stdout, stderr } = await runCommand(engineExample('open-mpi.sh'), [], options);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(lines(stdout, /^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
    expect(box.list('.')).toEqual(['tmp']);
  },
  TIMEOUT_MS,
);

mpiTest.for([
  ['an assertion that fails', 'bug-no-trim', 1, { status: 'failed', failure: null }],
  ['a rank that throws', 'hang-exception-before-barrier', 1, { failure: { kind: 'rank-failed', rank: 1 } }],
  ['a rank that dies', 'hang-died', 1, { failure: { kind: 'rank-failed', rank: 1 } }],
  ['a hang', 'hang-stopped', 124, { failure: { kind: 'hang' }, diagnosis: { verdict: { class: 'stopped', ranks: [1] } } }],
] as const)(
  '%s: the exit code reaches mpirun, the report is whole, and the directory is given back',
  { timeout: TIMEOUT_MS },
  async ([, scenario, exitCode, report]) => {
    const box = sandbox();
    const args = [`--scenario=${scenario}`, '--barrier-timeout=2', '--report=report.json'];
    const { code, stderr } = await mpirun(box, ['-n', '4', ...COMMAND, ...args]);
    expect({ code, stderr }).toMatchObject({ code: exitCode });
    expect(lines(stderr, /^ckpt-run: (?:HANG|rank 1).* {2}\[CKPT_/gm)).toHaveLength(report.failure === null ? 0 : 1);
    expect(JSON.parse(box.read('report.json'))).toMatchObject({ worldSize: 4, exitCode, ...report });
    expect(box.list('out/.ckpt-run')).toEqual([expect.stringMatching(/^openmpi-/)]);
  },
);

mpiTest(
  'without --output-dir it refuses, and says what it needs',
  async () => {
    const { code, stderr } = await mpirun(sandbox(), ['-n', '2', ...COMMAND.slice(0, 2), '--scenario=basic']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'ckpt-run: --output-dir: nothing given, and the workers of Open MPI have no other directory in common.',
    );
  },
  TIMEOUT_MS,
);

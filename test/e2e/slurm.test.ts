import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMAND, engineExample, pathWithCommand } from './engine-run.ts';
import { until } from './live-run.ts';
import { escapeTemplate } from './program-run.ts';
import { type CommandOptions, type CommandResult, mustRun, runCommand } from './run-command.ts';
import { linesOf, type Sandbox, sandbox } from './sandbox.ts';
import { hasSlurm, type SlurmCluster, startSlurm } from './slurm-cluster.ts';

if (!hasSlurm) console.log('skipped: no Slurm and munge; install them (Debian: slurm-wlm munge)');

/** A test that needs it. */
const slurmTest = test.skipIf(!hasSlurm);

let cluster: SlurmCluster | undefined;
beforeAll(async () => {
  if (hasSlurm) cluster = await startSlurm();
});
afterAll(() => cluster?.stop());

const optionsIn = (box: Sandbox): CommandOptions => ({ cwd: box.directory, env: { ...cluster?.env, TMPDIR: box.temporary } });

const srun = (box: Sandbox, options: readonly string[], command: readonly string[]): Promise<CommandResult> =>
  runCommand('srun', [...options, ...command], optionsIn(box));

const lines = (text: string, pattern: RegExp): readonly string[] => text.match(pattern) ?? [];

slurmTest('srun starts the ranks on two nodes, and the verdict is one of all of them', async () => {
  const box = sandbox();
  const { code, stdout, stderr } = await srun(box, ['-N2', '-n4'], [...COMMAND, '--scenario=all', '--output-dir=out']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(lines(stdout, /^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
  expect(lines(stdout, /^Scenario basic on 4 ranks$/gm)).toHaveLength(1);
  expect(linesOf(stderr)[0]).toMatch(
    /^ckpt-run: worker, rank 0 of 4 \(local 0 of 3\), started by Slurm, run slurm-test-\d+-0, attempt 0; --mode launch/,
  );
  expect(box.list('.')).toEqual(['tmp']);
});

slurmTest.for([
  ['an assertion that fails', 'bug-no-trim', 1, { status: 'failed', failure: null }],
  ['a rank that throws', 'hang-exception-before-barrier', 1, { failure: { kind: 'rank-failed', rank: 1 } }],
  ['a hang', 'hang-stopped', 124, { failure: { kind: 'hang' }, diagnosis: { verdict: { class: 'stopped', ranks: [1] } } }],
] as const)('%s: the exit code reaches srun, one rank says it, and rank 0 reports', async ([, scenario, exitCode, report]) => {
  const box = sandbox();
  const args = [`--scenario=${scenario}`, '--output-dir=out', '--barrier-timeout=2', '--report=report.json'];
  const { code, stderr } = await srun(box, ['-n4', '--kill-on-bad-exit=1'], [...COMMAND, ...args]);
  expect({ code, stderr }).toMatchObject({ code: exitCode });
  expect(lines(stderr, /^ckpt-run: (?:HANG|rank 1).* {2}\[CKPT_/gm), stderr).toHaveLength(report.failure === null ? 0 : 1);
  expect(JSON.parse(box.read('report.json'))).toMatchObject({ worldSize: 4, exitCode, ...report });
  expect(box.list('out/.ckpt-run')).toEqual([expect.stringMatching(/^slurm-test-\d+-0$/)]);
});

slurmTest('one launcher that srun starts runs its ranks', async () => {
  const box = sandbox();
  const { code, stdout } = await srun(
    box,
    ['-N1', '--ntasks-per-node=1'],
    [...COMMAND, '--nproc_per_node=2', '--scenario=basic', '--quiet'],
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: '✓ ALL ASSERTIONS PASSED\n' });
});

/** Hands in a batch script, and waits for the end of the job. */
const sbatch = (box: Sandbox, args: readonly string[]): Promise<CommandResult> => {
  const { env = {}, ...options } = optionsIn(box);
  return runCommand('sbatch', ['--wait', '--parsable', '--output=log', ...args], {
    ...options,
    env: { ...env, PATH: pathWithCommand(box, {}, env['PATH']) },
  });
};

slurmTest('docs/examples/engines/slurm.sbatch: the shell of the batch job is no rank, what srun starts are', async () => {
  const box = sandbox();
  const { code, stdout } = await sbatch(box, [engineExample('slurm.sbatch')]);
  expect({ code, log: box.read('log') }).toMatchObject({ code: 0 });
  expect(lines(box.read('log'), /^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
  expect(box.read('log')).toContain(`started by Slurm, run slurm-test-${stdout.trim()}-0, attempt 0; `);
  expect(box.list('.')).toEqual(['log', 'tmp']);
});

slurmTest('docs/examples/engines/slurm-nodes.sbatch: a launcher on each node, and the ranks of all meet', async () => {
  const box = sandbox();
  const script = 'echo "$RANK of $WORLD_SIZE, node $GROUP_RANK, $MASTER_ADDR" && exec ckpt-run barrier all --timeout 20';
  const { code } = await sbatch(box, [engineExample('slurm-nodes.sbatch'), 'sh', '-c', escapeTemplate(script)]);
  expect({ code, log: box.read('log') }).toMatchObject({ code: 0 });
  const ranks = [0, 1, 2, 3].map((rank) => `${rank} of 4, node ${rank >> 1}, n1`);
  expect(lines(box.read('log'), /\d of \d, .*/g).toSorted()).toEqual(ranks);
  expect(lines(box.read('log'), /a launcher on each of 2 nodes, started by Slurm, run slurm-\d+-0-0; /g)).toHaveLength(1);
});

slurmTest(
  'a job that is queued again is another attempt, which replaces what the first one left',
  async () => {
    const box = sandbox();
    const command = [...COMMAND, '--output-dir=out', '--barrier-timeout=5m', '--scenario'].join(' ');
    const scenario = '$([ -n "$SLURM_RESTART_COUNT" ] && echo bug-no-trim || echo hang-stuck-await)';
    const script = box.write('job', `#!/bin/sh\nsrun -n2 ${command} ${scenario}\necho "srun ended with $?"\n`);
    const options = ['--parsable', '--requeue', '--output=log', '--open-mode=append', '--ntasks=2'];
    const job = (await mustRun('sbatch', [...options, script], optionsIn(box))).trim();
    const run = `slurm-test-${job}-0`;
    const limitMs = 50_000;
    await until('the hang', () => box.list(`out/.ckpt-run/${run}/attempt_0/journal`).length === 2 || undefined, limitMs);
    await mustRun('scontrol', ['requeue', job], optionsIn(box));
    await until('the second end', () => box.read('log').includes('srun ended with 1\n') || undefined, limitMs);
    expect(box.read('log')).toContain(`started by Slurm, run ${run}, attempt 1; `);
    expect(box.list(`out/.ckpt-run/${run}`)).toEqual(['attempt_0', 'attempt_1']);
  },
  60_000,
);

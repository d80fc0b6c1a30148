import { mkdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { CommandOptions, CommandResult } from './run-command.ts';
import { linesOf, type Sandbox, sandbox } from './sandbox.ts';

const LIMIT_MS = 25_000;

/** One worker that a person starts by hand. */
const worker = (box: Sandbox, rank: number, args: readonly string[], options?: CommandOptions): Promise<CommandResult> =>
  box.run([`--rank=${rank}`, '--world-size=2', '--run-id=mine', '--output-dir=out', '--quiet', ...args], options);

const both = (box: Sandbox, args: readonly string[]): Promise<readonly CommandResult[]> =>
  Promise.all([worker(box, 0, args), worker(box, 1, args)]);

test('two workers meet, rank 0 alone prints, and nothing stays', async () => {
  const box = sandbox();
  const [first, second] = await both(box, ['--scenario=all']);
  expect(first).toMatchObject({ code: 0, stdout: '✓ ALL ASSERTIONS PASSED\n✓ ALL ASSERTIONS PASSED\n', stderr: '' });
  expect(second).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(box.list('.')).toEqual(['tmp']);
});

test('what a user keeps in the directory stays', async () => {
  const box = sandbox();
  mkdirSync(`${box.directory}/out/basic`, { recursive: true });
  box.write('out/basic/notes.txt', 'mine');
  await both(box, ['--scenario=basic']);
  expect(
    box
      .listAll()
      .filter((path) => path.startsWith('out'))
      .map((path) => path.split(' ')[0]),
  ).toEqual(['out', 'out/basic', 'out/basic/notes.txt']);
});

test('a failure is said once, by the worker whose rank it was, and rank 0 reports it', async () => {
  const box = sandbox();
  const args = ['--scenario=hang-exception-before-barrier', '--report=report.json'];
  const [first, second] = await both(box, args);
  expect(first).toMatchObject({ code: 1, stdout: '' });
  expect(linesOf(first?.stderr ?? '')).toEqual([expect.stringMatching(/out\/\.ckpt-run\/mine\/attempt_0$/)]);
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second?.stderr).toMatch(/^ckpt-run: rank 1: ordered to throw before the barrier {2}\[CKPT_FAULT_INJECTED\]$/m);
  expect(JSON.parse(box.read('report.json'))).toMatchObject({
    exitCode: 1,
    runId: 'mine',
    failure: { kind: 'rank-failed', rank: 1 },
  });
});

test('a hang is said once, by whoever gave the barrier up, and the report has its diagnosis', async () => {
  const box = sandbox();
  const results = await both(box, ['--scenario=hang-skipped-barrier', '--barrier-timeout=1', '--report=report.json']);
  expect(results.map(({ code }) => code)).toEqual([124, 124]);
  expect(results.flatMap(({ stderr }) => stderr.match(/^ckpt-run: HANG:/gm) ?? [])).toHaveLength(1);
  const report: unknown = JSON.parse(box.read('report.json'));
  expect(report).toMatchObject({ failure: { kind: 'hang' }, diagnosis: { verdict: { class: 'skipped-barrier', ranks: [1] } } });
});

test('ranks that hang where nobody waits for them are noticed by rank 0', async () => {
  const box = sandbox();
  const faults = '--inject=stall:rank=0,step=50;stall:rank=1,step=50';
  const results = await both(box, ['--scenario=basic', faults, '--barrier-timeout=1', '--report=report.json']);
  expect(
    results.map(({ code }) => code),
    results.map(({ stderr }) => stderr).join(),
  ).toEqual([124, expect.any(Number)]);
  expect(
    results
      .map(({ stderr }) => stderr)
      .join('')
      .match(/CKPT_RUN_STALLED/g),
  ).toHaveLength(1);
  const report: unknown = JSON.parse(box.read('report.json'));
  expect(report).toMatchObject({ failure: { kind: 'hang' }, diagnosis: { verdict: { class: 'stuck-await', ranks: [0, 1] } } });
});

test('SIGQUIT asks a worker how its own rank stands, and the run goes on', async () => {
  const box = sandbox();
  const args = ['--scenario=basic', '--inject=stall:rank=1,step=50', '--barrier-timeout=6'];
  const journal = 'out/.ckpt-run/mine/attempt_0/journal/rank-1.jsonl';
  const first = worker(box, 0, args);
  const said: string[] = [];
  const second = worker(box, 1, args, {
    onStart: (child) => {
      child.stderr?.on('data', (text: string) => said.push(text));
      void vi
        .waitFor(() => expect(box.read(journal)).toContain('fault:injected'), { timeout: LIMIT_MS })
        .finally(() => child.kill('SIGQUIT'));
    },
  });
  expect(await second).toMatchObject({ code: 124, signal: null });
  expect(await first).toMatchObject({ code: 124 });
  expect(said.join('')).toMatch(/^ckpt-run: WAITING at barrier #\d+ .* missing rank 1 \(arrived: rank 0\)/m);
});

test('a worker that is killed is missed at once, and not when the barrier times out', async () => {
  const box = sandbox();
  const args = ['--scenario=hang-stuck-await', '--barrier-timeout=5m'];
  const journal = 'out/.ckpt-run/mine/attempt_0/journal/rank-1.jsonl';
  const first = worker(box, 0, args, { timeoutMs: LIMIT_MS });
  const second = worker(box, 1, args, {
    onStart: (child) =>
      void vi
        .waitFor(() => expect(box.read(journal)).toContain('fault:injected'), { timeout: LIMIT_MS })
        .finally(() => child.kill('SIGKILL')),
  });
  expect(await second).toMatchObject({ signal: 'SIGKILL' });
  const { code, stderr } = await first;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^ckpt-run: rank 1 ended without a word after barrier #\d+ "\S+" {2}\[CKPT_RANK_FAILED\]$/m);
});

test('ranks that were told different things do not run together', async () => {
  const box = sandbox();
  const results = await Promise.all([worker(box, 0, ['--seed=1']), worker(box, 1, ['--seed=2'])]);
  expect(results.map(({ stderr }) => stderr).join('')).toMatch(
    /^ckpt-run: rank \d: its seed is \d, and that of the run's plan is \d\. Start all ranks with the same options/m,
  );
  expect(results.map(({ code }) => code)).not.toContain(0);
});

test('without rank 0 nobody makes anything, and the wait ends', async () => {
  const box = sandbox();
  const { code, stderr } = await worker(box, 1, ['--scenario=basic', '--barrier-timeout=200ms']);
  expect(code).toBe(124);
  expect(linesOf(stderr)).toEqual([
    expect.stringMatching(
      /^ckpt-run: rank 1: rank 0 has not joined run mine within 0\.2 s\. See that rank 0 was started, and that/,
    ),
  ]);
  expect(box.list('out')).toEqual(['.ckpt-run']);
});

test('a rank that has joined before is refused: started twice, or an earlier run', async () => {
  const box = sandbox();
  await worker(box, 1, ['--scenario=basic', '--barrier-timeout=200ms']);
  const { code, stderr } = await worker(box, 1, ['--scenario=basic', '--barrier-timeout=200ms']);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^ckpt-run: rank 1 has joined run mine before: two processes are this rank, or the name is an earlier run's\./,
  );
});

test('where rank 0 is refused, the others end with it', async () => {
  const box = sandbox();
  expect(await box.run(['--scenario=basic', '--output-dir=out', '--keep-outputs', '--quiet'])).toMatchObject({ code: 0 });
  const second = worker(box, 1, ['--scenario=basic']);
  await vi.waitFor(() => expect(box.list('out/.ckpt-run/mine/attempt_0/workers')).toContain('rank-1.joined.json'), {
    timeout: LIMIT_MS,
  });
  const first = await worker(box, 0, ['--scenario=basic']);
  expect(first).toMatchObject({ code: 2, stderr: expect.stringMatching(/it holds checkpoints already/) });
  expect(await second).toMatchObject({ code: 2, stdout: '', stderr: '' });
});

test('a rank that was never started is named within seconds, and not when barriers time out', async () => {
  const box = sandbox();
  const args = ['--rank=0', '--world-size=3', '--run-id=mine', '--output-dir=out', '--scenario=basic', '--barrier-timeout=5m'];
  const { code, signal, stdout, stderr } = await box.run(args, {
    onStart: (child) =>
      child.stderr?.on('data', (text: Buffer) => {
        if (text.includes('waiting')) child.kill('SIGTERM');
      }),
  });
  expect({ code, signal, stdout }).toEqual({ code: 143, signal: null, stdout: '' });
  expect(stderr).toContain('ckpt-run: waiting for ranks 1,2 to join (1/3)\n');
});

test('a directory that is not shared is asked about by a rank other than 0', async () => {
  const box = sandbox();
  const alone = (rank: number): Promise<CommandResult> =>
    box.run([
      ...[`--rank=${rank}`, '--world-size=2', '--run-id=mine', `--output-dir=out-${rank}`, '--scenario=basic'],
      '--barrier-timeout=2500ms',
    ]);
  const results = await Promise.all([alone(0), alone(1)]);
  expect(results.map(({ code }) => code)).toEqual([124, 124]);
  expect(linesOf(results[0]?.stderr ?? '')).toEqual([
    expect.stringMatching(/^ckpt-run: worker, rank 0 of 2 /),
    'ckpt-run: waiting for rank 1 to join (1/2)',
    expect.stringMatching(
      /^ckpt-run: rank 0: rank 1 has not joined run mine within 2\.5 s\. See that rank 1 was started, and that/,
    ),
  ]);
  expect(linesOf(results[1]?.stderr ?? '')).toEqual([
    expect.stringMatching(
      /^ckpt-run: rank 0 has not joined \(1\/2 here, .*; is --output-dir \S+\/out-1 the same directory on all hosts\?$/,
    ),
    expect.stringMatching(/^ckpt-run: rank 1: rank 0 has not joined run mine within 2\.5 s\. /),
  ]);
});

const slurm = (attempt: number): NodeJS.ProcessEnv => ({
  SLURM_CLUSTER_NAME: 'north',
  SLURM_JOB_ID: '4711',
  SLURM_STEP_ID: '0',
  SLURM_STEP_NUM_TASKS: '1',
  SLURM_STEP_NUM_NODES: '1',
  SLURM_PROCID: '0',
  SLURM_LOCALID: '0',
  SLURM_RESTART_COUNT: String(attempt),
});

test('a requeued job replaces the checkpoints of its own earlier attempt', async () => {
  const box = sandbox();
  const args = ['--scenario=bug-no-trim', '--output-dir=out'];
  expect(await box.run(args, { env: slurm(0) })).toMatchObject({ code: 1 });
  const { code, stderr } = await box.run(args, { env: slurm(1) });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^ckpt-run: worker, rank 0 of 1 \(local 0 of 1\), started by Slurm, run slurm-north-4711-0, attempt 1; /,
  );
  expect(box.list('out/.ckpt-run/slurm-north-4711-0')).toEqual(['attempt_0', 'attempt_1']);
});

test('the shell of a batch job launches', async () => {
  const { SLURM_STEP_ID: _, ...batch } = slurm(0);
  const { code, stderr } = await sandbox().run(['--scenario=basic', '--quiet'], { env: batch });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.for([
  ['an option that nobody knows', ['--scenarios=all', '--output-dir=out']],
  ['a value that cannot be meant', ['--scenario=all', '--output-dir=out', '--seed=x']],
  ['no directory in common', ['--scenario=all']],
] as const)('%s is said by rank 0 alone', async ([, args]) => {
  const box = sandbox();
  const mpi = (rank: number) => ({ PMI_RANK: String(rank), PMI_SIZE: '2', PALS_APID: 'one' });
  const results = await Promise.all([0, 1].map((rank) => box.run(args, { env: mpi(rank) })));
  expect(results).toMatchObject([
    { code: 2, stderr: expect.stringMatching(/^ckpt-run: --\S+: .*\n$/) },
    { code: 2, stdout: '', stderr: '' },
  ]);
  expect(box.list('.')).toEqual(['tmp']);
});

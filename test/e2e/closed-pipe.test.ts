import { type ChildProcess, execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { until } from './live-run.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { type Sandbox, sandbox, scenarioText } from './sandbox.ts';

const COMMAND = join(ROOT, 'dist', 'ckpt-run.cjs');

/** Runs ckpt-run in a shell that adds something behind it; stdout ends with the exit code of ckpt-run. */
function piped(box: Sandbox, args: string, rest: string): Promise<CommandResult> {
  const script = `"$0" "$1" ${args} ${rest}; echo "\${PIPESTATUS[0]}"`;
  const env = { TMPDIR: box.temporary, NODE_EXTRA_CA_CERTS: undefined };
  return runCommand('bash', ['-c', script, process.execPath, COMMAND], { cwd: box.directory, env });
}

test.for([
  ['--nproc-per-node=2 --scenario all', 'Scenario basic on 2 ranks'],
  ['--log-format json', expect.stringMatching(/^\{.*\}$/)],
  ['--help', 'Usage: ckpt-run [options] [[--] program [arguments]]'],
  ['scenarios', expect.stringMatching(/^basic /)],
  ['completion', expect.stringContaining('completion')],
] as const)('%s into head -1 ends quietly and with 0', async ([args, line]) => {
  const box = sandbox();
  const { stdout, stderr } = await piped(box, args, '| head -1');
  expect(stdout.split('\n')).toEqual([line, '0', '']);
  expect(stderr.split('\n').filter((text) => !/^(?:basic|spike) {2}step/.test(text))).toEqual(['']);
  expect(box.leftovers()).toEqual([]);
});

test('a reader that takes nothing at all changes nothing', async () => {
  const box = sandbox();
  expect(await piped(box, '--nproc-per-node=2', '| true')).toMatchObject({ stdout: '0\n' });
  expect(box.leftovers()).toEqual([]);
});

test.for([
  ['SIGTERM', [], 143],
  ['--timeout', ['--timeout=2s'], 124],
] as const)('a reader that never reads does not make the launcher deaf to %s', async ([how, options, code]) => {
  const box = sandbox();
  const fifo = join(box.directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(reader));
  const args = [...options, '--nproc-per-node=2', '--discard-outputs', 'sh', '-c', 'yes | head -c 50000; touch ended$RANK'];
  let launcher: ChildProcess | undefined;
  const ended = runCommand('bash', ['-c', 'exec "$0" "$@" >fifo', process.execPath, COMMAND, ...args], {
    cwd: box.directory,
    env: { TMPDIR: box.temporary, NODE_EXTRA_CA_CERTS: undefined },
    onStart: (child) => {
      launcher = child;
    },
  });
  await until('the last words of both ranks', () => [0, 1].every((rank) => box.list('.').includes(`ended${rank}`)) || undefined);
  if (how === 'SIGTERM') launcher?.kill('SIGTERM');
  const result = await ended;
  expect(result.code).toBe(code);
  expect(result.stderr).toContain("ckpt-run: stdout cannot be written: nobody reads it; the ranks' output is in their files\n");
  expect(box.leftovers()).toEqual([]);
});

/** A scenario whose callback prints a lot on rank 0. */
const LOUD = scenarioText(`callbacks: ({ rank }) => [{ name: 'Loud', onEvaluate: () => {
  if (rank === 0) for (let line = 0; line < 2000; line += 1) { console.log('line ' + line); console.error('line ' + line); }
} }],`);

test('what a scenario itself prints on rank 0 may lose its reader, too', async () => {
  const box = sandbox();
  box.write('loud.mjs', LOUD);
  expect(await piped(box, '--nproc-per-node=2 --scenario ./loud.mjs', '2>/dev/null | head -1')).toMatchObject({
    stdout: 'line 0\n0\n',
  });
  expect(await piped(box, '--scenario ./loud.mjs --quiet', '2>&1 >/dev/null | head -1')).toMatchObject({
    stdout: 'line 0\n0\n',
  });
  expect(box.leftovers()).toEqual([]);
});

test.for([
  ['--nproc-per-node=2 --scenario all', 'rank 0: '],
  ['--log-format json --report report.json', 'rank 0: '],
  ['--scenario ./loud.mjs --quiet', 'rank 0: '],
  ['--help', ''],
  ['scenarios', ''],
] as const)('%s fails when its results cannot be written, and says so', async ([args, who]) => {
  const box = sandbox();
  box.write('loud.mjs', LOUD);
  const { stdout, stderr } = await piped(box, `${args} ${who === '' ? '' : '--discard-outputs'}`, '>/dev/full');
  expect(stdout).toBe('1\n');
  const said = `ckpt-run: ${who}the results could not be written: ENOSPC: no space left on device, write`;
  expect(stderr.split(said)).toHaveLength(2);
  expect(stderr).not.toContain('    at ');
  expect(box.leftovers()).toEqual([]);
});

test.for(['--nproc-per-node=2 --scenario all', '--scenario ./loud.mjs'])(
  '%s is not changed by a standard error that cannot be written',
  async (args) => {
    const box = sandbox();
    box.write('loud.mjs', LOUD);
    const { stdout } = await piped(box, args, '2>/dev/full');
    expect(stdout.split('\n').slice(-4)).toEqual(['='.repeat(60), '', '0', '']);
    expect(box.leftovers()).toEqual([]);
  },
);

test('a failure keeps its exit code without a reader', async () => {
  const { stdout } = await piped(sandbox(), '--scenario=bug-no-trim --discard-outputs', '| head -1');
  expect(stdout).toBe('Scenario bug-no-trim on 1 rank\n1\n');
});

test('closed standard error ends quietly too', async () => {
  const { stdout } = await piped(sandbox(), '--scenario=basic', '2>&1 >/dev/null | head -1');
  expect(stdout).toBe('basic  step  25  loss=2.8234  saving checkpoint-25\n0\n');
});

test.for(['<&-', '>&-', '2>&-', '<&- >&- 2>&-'])('without the descriptors %s it runs as with them', async (closed) => {
  const box = sandbox();
  const { stdout } = await piped(box, '--nproc-per-node=2 --scenario=basic --report report.json', closed);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('0');
  expect(JSON.parse(box.read('report.json'))).toMatchObject({ status: 'passed' });
  expect(box.leftovers()).toEqual([]);
});

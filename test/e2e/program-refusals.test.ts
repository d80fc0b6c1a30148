import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { runCommand } from './run-command.ts';
import { linesOf, sandbox } from './sandbox.ts';

test.for([
  ['a script that is not there', ['no-such.py'], 127, 'no-such.py: there is no such file'],
  ['a program that is not in PATH', ['--nproc-per-node=2', 'no-such-program'], 127, 'no-such-program: there is no such program in PATH'],
  ['what is no command behind --', ['--', 'scenarios'], 127, 'scenarios: there is no such program in PATH'],
  ['a file that cannot be executed', ['/etc/passwd'], 126, '/etc/passwd: it cannot be executed'],
  ['a directory', ['/etc'], 126, '/etc: it cannot be executed'],
  ["a script that is not there, with torchrun's exit codes,", ['--torchrun-exit-codes', 'no-such.py'], 1, 'no-such.py: there is no such file'],
  ["a file that cannot be executed, with torchrun's exit codes,", ['--torchrun_exit', '/etc/passwd'], 1, '/etc/passwd: it cannot be executed'],
] as const)('%s is refused in one line before anything is written', async ([, args, expected, sentence]) => {
  const box = sandbox();
  const before = box.listAll();
  const { code, stdout, stderr } = await box.run(args);
  expect(linesOf(stderr)).toEqual([expect.stringContaining(`ckpt-run: ${sentence}. `)]);
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  expect(box.listAll()).toEqual(before);
}); // biome-ignore format: a table

test('with --log-format json the refusal is a line of JSON', async () => {
  const { code, stderr } = await sandbox().run(['--log-format=json', 'no-such.py', '--log-format=text']);
  expect(code).toBe(127);
  expect(JSON.parse(stderr)).toMatchObject({ event: 'refusal', code: 'CKPT_PROGRAM_NOT_FOUND', exitCode: 127 });
});

test("torchrun's exit codes are a default, too, and a usage error is 2 with them as well", async () => {
  const env = { CKPT_RUN_TORCHRUN_EXIT_CODES: '1' };
  expect(await sandbox().run(['no-such.py'], { env })).toMatchObject({ code: 1 });
  expect(await sandbox().run(['--nnodes=two', 'true'], { env })).toMatchObject({ code: 2 });
  const { stderr } = await sandbox().run(['--log-format=json', 'no-such.py'], { env });
  expect(JSON.parse(stderr)).toMatchObject({ code: 'CKPT_PROGRAM_NOT_FOUND', exitCode: 1 });
});

test('more ranks than descriptors are refused with what to do, and nothing is left', async () => {
  const box = sandbox();
  const command = `ulimit -n 64; exec "${process.execPath}" "${ROOT}dist/ckpt-run.cjs" --nproc-per-node=40 true`;
  const { code, stderr } = await runCommand('sh', ['-c', command], { cwd: box.directory, env: { TMPDIR: box.temporary } });
  expect(linesOf(stderr)).toEqual([
    expect.stringMatching(
      /^ckpt-run: --output-dir .*: EMFILE: .*\. Start fewer ranks, or raise the limit on open files \(ulimit -n\)\.$/,
    ),
  ]);
  expect(code).toBe(2);
  expect(box.leftovers()).toEqual([]);
});

test('a log directory that the system refuses is named by its option', async () => {
  const { code, stderr } = await sandbox().run(['--log-dir=/proc/none', 'true']);
  expect(stderr).toMatch(/^ckpt-run: --log-dir \/proc\/none: .*\n$/);
  expect(code).toBe(2);
});

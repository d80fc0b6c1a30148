import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioWith, startRun, told } from './live-run.ts';
import { expectRefusal } from './refusal.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

const RUN = ['--scenario=basic', '--output-dir=out'];

/** What stands in the way, and what is said about it; HERE is the working directory. */
const OBSTACLES: readonly {
  readonly what: string;
  readonly prepare: (box: Sandbox) => void;
  readonly args?: readonly string[];
  readonly sentence: string;
}[] = [
  {
    what: 'a file',
    prepare: (box) => box.write('out', 'mine'),
    sentence: '--output-dir out: it is a file, expected a directory',
  },
  {
    what: 'below a file',
    prepare: (box) => box.write('out', 'mine'),
    args: ['--scenario=basic', '--output-dir=out/below/this'],
    sentence: '--output-dir out/below/this: HERE/out is a file, expected a directory',
  },
  {
    what: 'a link to itself',
    prepare: (box) => symlinkSync('out', join(box.directory, 'out')),
    sentence:
      "--output-dir out: ELOOP: too many symbolic links encountered, stat 'HERE/out', expected a directory that can be written",
  },
  {
    what: 'a checkpoint of somebody else',
    prepare: (box) => box.write('out/basic/checkpoint-7/model.bin', 'precious'),
    sentence: '--output-dir out: HERE/out/basic/checkpoint-7 is there already and was not made by ckpt-run',
  },
  {
    what: 'a checkpoint of somebody else, even with --overwrite',
    prepare: (box) => box.write('out/basic/checkpoint-25/manifest.json', '{"format":"other"}'),
    args: [...RUN, '--overwrite'],
    sentence: '--output-dir out: HERE/out/basic/checkpoint-25 is there already and was not made by ckpt-run',
  },
  {
    what: 'a file called like a checkpoint',
    prepare: (box) => box.write('out/basic/checkpoint-100', 'precious'),
    args: [...RUN, '--overwrite'],
    sentence: '--output-dir out: HERE/out/basic/checkpoint-100 is there already and was not made by ckpt-run',
  },
  {
    what: 'a link at a checkpoint',
    prepare: (box) => linkAt(box, 'out/basic/checkpoint-50'),
    args: [...RUN, '--overwrite'],
    sentence: '--output-dir out: HERE/out/basic/checkpoint-50 is there already and was not made by ckpt-run',
  },
  {
    what: 'a link at the scenario',
    prepare: (box) => linkAt(box, 'out/basic'),
    args: [...RUN, '--overwrite'],
    sentence: '--output-dir out: basic in it is a symbolic link or special file, expected a directory or nothing',
  },
  {
    what: 'a link at .ckpt-run',
    prepare: (box) => linkAt(box, 'out/.ckpt-run'),
    sentence: '--output-dir out: .ckpt-run in it is a symbolic link or special file, expected a directory or nothing',
  },
  {
    what: 'a file at .ckpt-run',
    prepare: (box) => box.write('out/.ckpt-run', ''),
    sentence: '--output-dir out: .ckpt-run in it is a file, expected a directory or nothing',
  },
];

/** A link to a directory elsewhere that holds something. */
function linkAt(box: Sandbox, path: string): void {
  box.write('elsewhere/checkpoint-25/model.bin', 'precious');
  mkdirSync(join(box.directory, path, '..'), { recursive: true });
  symlinkSync(join(box.directory, 'elsewhere'), join(box.directory, path));
}

test.for(OBSTACLES)('$what in its place is refused and left alone', async ({ prepare, args = RUN, sentence }) => {
  const box = sandbox();
  prepare(box);
  await expectRefusal(box, { args, sentence: sentence.replace('HERE', box.directory) });
});

test.for(['/proc', '/proc/nowhere'])('%s, in which nobody can make anything, is refused', async (directory) => {
  const { code, stdout, stderr } = await sandbox().run(['--scenario=basic', '--output-dir', directory]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^ckpt-run: --output-dir \/proc\S*: .*(?:expected a directory that can be written|is not writable)\..*\n$/,
  );
});

test('a directory without permission to write is refused', async ({ skip }) => {
  skip(process.getuid?.() === 0, 'root may write everywhere');
  const box = sandbox();
  mkdirSync(join(box.directory, 'out'));
  chmodSync(join(box.directory, 'out'), 0o555);
  await expectRefusal(box, { args: RUN, sentence: `--output-dir out: ${box.directory}/out is not writable` });
});

test('checkpoints of an earlier run are refused without --overwrite', async () => {
  const box = sandbox();
  expect(await box.run([...RUN, '--keep-outputs', '--quiet'])).toMatchObject({ code: 0 });
  const sentence = `--output-dir out: it holds checkpoints already, such as ${box.directory}/out/basic/checkpoint-`;
  const before = box.listAll();
  const { code, stderr } = await box.run(RUN);
  expect(code).toBe(2);
  expect(stderr).toContain(`ckpt-run: ${sentence}`);
  expect(stderr).toMatch(/\. Choose another --output-dir, or add --overwrite\.\n$/);
  expect(box.listAll()).toEqual(before);
});

test("--overwrite refuses a checkpoint of ours with somebody else's file in it, and touches nothing", async () => {
  const box = sandbox();
  expect(await box.run([...RUN, '--keep-outputs', '--quiet'])).toMatchObject({ code: 0 });
  box.write('out/basic/checkpoint-75/notes.txt', 'precious');
  const sentence = `--output-dir out: ${box.directory}/out/basic/checkpoint-75/notes.txt is there already and was not made by ckpt-run`;
  await expectRefusal(box, { args: [...RUN, '--overwrite'], sentence });
});

test('a directory in use is refused with the process that uses it', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(0, `tell('here'); await forever();`));
  const args = ['--scenario=./mine.mjs', '--output-dir=out', '--barrier-timeout=5m'];
  const holder = startRun(box, args);
  await told(box, holder, /^here$/);
  // Even where its checkpoints are in the way, too.
  expect(box.list('out/mine')).toContain('checkpoint-25');
  const { code, stdout, stderr } = await box.run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    new RegExp(
      `^ckpt-run: --output-dir \\S+: another ckpt-run, pid ${holder.launcher.pid} on host \\S+ is using this directory\\. .*\\n$`,
    ),
  );
  expect(box.list('out/mine')).toContain('checkpoint-25');
  holder.launcher.kill('SIGTERM');
  expect(await holder.ended).toMatchObject({ code: 143 });
});

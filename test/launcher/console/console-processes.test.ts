import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planStreams } from '../../../launcher/console/stream-plan.ts';
import { byteOutput } from '../../../shared/platform/byte-output.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import { type AppendOnlyFile, nodeDisk } from '../../../shared/platform/disk.ts';
import { closeDescriptor, makePipes } from '../../../shared/platform/real-pipes.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { memoryOutput, rig, runScripts, startScript } from './console-rig.ts';
import { choice, placement, routing } from './routing.ts';

const PIPES = { stdout: false, stderr: false };
const plan = (ranks: number, asked = routing()) => planStreams(asked, placement(ranks), PIPES);
const sorted = (text: string): readonly string[] => text.trimEnd().split('\n').sort();

/** torchrun's template variable, spelled so that it is not taken for JavaScript's. */
const variable = (name: string): string => `\${${name}}`;

test('test_capture_logs_using_default_logs_specs (22): each rank creates under its own prefix', async () => {
  const { open, stdout } = rig();
  const asked = routing({
    redirects: choice('both'),
    tee: choice('both'),
    prefixTemplate: `[rank${variable('rank')}]: `,
  });
  await runScripts('echo creating $RANK', open(plan(4, asked)));
  expect(sorted(stdout.text())).toEqual([0, 1, 2, 3].map((rank) => `[rank${rank}]: creating ${rank}`));
});

test('test_run_with_custom_log_lines (59): the template is honoured', async () => {
  const { open, stderr } = rig();
  const prefixTemplate = `[${variable('role_name')}-${variable('local_rank')}:${variable('rank')}]:`;
  await runScripts('echo "hello from $RANK" >&2', open(plan(2, routing({ tee: choice('both'), prefixTemplate }))));
  expect(sorted(stderr.text())).toEqual(['[default-0:0]:hello from 0', '[default-1:1]:hello from 1']);
});

test('test_binary_redirect_and_tee (40): `-r 0:2 -t 0:1,1:2`', async () => {
  const { open, file, stdout, stderr } = rig();
  const asked = routing({
    redirects: choice('none', [[0, 'stderr']]),
    tee: choice('none', [
      [0, 'stdout'],
      [1, 'stderr'],
    ]),
  });
  await runScripts('echo hello stdout from $RANK; echo hello stderr from $RANK >&2', open(plan(2, asked)));
  expect([file(0, 'stdout'), file(0, 'stderr')]).toEqual(['hello stdout from 0\n', 'hello stderr from 0\n']);
  expect(file(1, 'stderr')).toBe('hello stderr from 1\n');
  expect(sorted(stdout.text())).toEqual(['[rank 0] hello stdout from 0', '[rank 1] hello stdout from 1']);
  expect(sorted(stderr.text())).toEqual(['[rank 1] hello stderr from 1']);
});

test('a program can open its streams by name', async () => {
  const { open, file, stdout, stderr } = rig();
  await runScripts('echo out >/dev/stdout; echo err >/dev/stderr', open(plan(2)));
  expect(sorted(stdout.text())).toEqual(['[rank 0] out', '[rank 1] out']);
  expect(sorted(stderr.text())).toEqual(['[rank 0] err', '[rank 1] err']);
  expect(file(1, 'stderr')).toBe('err\n');
});

describe('what is printed just before the exit', () => {
  test('arrives: megabytes of it, no line mixed with another', async () => {
    const { open, file, stdout } = rig();
    await runScripts('seq -f "line %06g of $RANK" 1 100000; printf unended', open(plan(8)));
    const expected = (rank: number): readonly string[] =>
      Array.from({ length: 100_000 }, (_, line) => `line ${String(line + 1).padStart(6, '0')} of ${rank}`);
    const lines = stdout.text().split('\n');
    for (let rank = 0; rank < 8; rank += 1) {
      const mine = lines.filter((line) => line.startsWith(`[rank ${rank}] `)).map((line) => line.slice('[rank 0] '.length));
      expect(mine).toEqual([...expected(rank), 'unended']);
      expect(file(rank, 'stdout')).toBe([...expected(rank), 'unended'].join('\n'));
    }
    expect(lines.length).toBe(8 * 100_001 + 1);
  });

  test('arrives although a grandchild never lets go of the pipe', async () => {
    const { open, file, stdout } = rig();
    await runScripts('sleep 600 & seq 1 20000; printf end', open(plan(2)));
    for (const rank of [0, 1]) {
      expect(file(rank, 'stdout').endsWith('\n20000\nend')).toBe(true);
      expect(stdout.text()).toContain(`[rank ${rank}] 20000\n`);
      expect(stdout.text()).toContain(`[rank ${rank}] end\n`);
    }
  });

  test('arrives however long the console keeps it waiting, while somebody else holds the pipe', async () => {
    let read = (): void => undefined;
    const reader = new Promise<void>((resolve) => (read = resolve));
    const shown: Buffer[] = [];
    const stdout = {
      write: async (bytes: Buffer) => {
        await reader;
        shown.push(bytes);
      },
    };
    const { open } = rig({ outputs: { stdout, stderr: stdout } });
    const [outlet] = open(plan(1));
    if (outlet === undefined) throw new Error('no rank');
    const exited = startScript('sleep 600 & seq 1 300000', 0, outlet);
    // The rank cannot end before the console is read: it prints more than we take.
    setTimeout(read, 1500);
    await exited;
    await outlet.drained();
    expect(Buffer.concat(shown).toString().endsWith('[rank 0] 300000\n')).toBe(true);
  });
});

test('a slow console stalls the ranks and not the launcher, and nothing is lost', async () => {
  const gate: (() => void)[] = [];
  let waiting = 0;
  let bytes = 0;
  const stdout = {
    write: (lines: Buffer) => {
      bytes += lines.length;
      waiting = Math.max(waiting, lines.length);
      return new Promise<void>((resolve) => void gate.push(resolve));
    },
  };
  const { open } = rig({ outputs: { stdout, stderr: stdout } });
  let isOver = false;
  const over = runScripts('yes line | head -c 20000000', open(plan(4))).then(() => (isOver = true));
  while (!isOver) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const pass of gate.splice(0)) pass();
  }
  await over;
  expect(bytes).toBe(4 * 4_000_000 * '[rank 0] line\n'.length);
  expect(waiting).toBeLessThan(4 * 1024 * 1024);
});

test('a console that nobody reads any more ends quietly; the files are whole', async () => {
  const [pipe] = makePipes(join(temporaryDirectory(), 'pipes'), 1);
  if (pipe === undefined) throw new Error('no pipe');
  const closing = byteOutput(pipe.writeDescriptor, nodeClock);
  closeDescriptor(pipe.writeDescriptor);
  pipe.reader.once('data', () => pipe.reader.destroy());
  const { open, file, warnings } = rig({ outputs: { stdout: closing, stderr: closing } });
  await runScripts('seq 1 200000; echo oops >&2', open(plan(2)));
  expect(pipe.reader.destroyed).toBe(true);
  expect(file(1, 'stdout').endsWith('\n200000\n')).toBe(true);
  expect(file(0, 'stderr')).toBe('oops\n');
  expect(warnings).toEqual([]);
});

test('a console that cannot be written is said once; the files are whole', async () => {
  const full = { write: () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })) };
  const { open, file, warnings, console } = rig({ outputs: { stdout: full, stderr: memoryOutput() } });
  await runScripts('seq 1 100000', open(plan(2)));
  await console.flushed();
  expect(file(1, 'stdout').endsWith('\n100000\n')).toBe(true);
  expect(warnings).toEqual(["stdout cannot be written: no space left on device; the ranks' output is in their files"]);
});

test('a file that cannot be written is said once, and the console goes on', async () => {
  const openAppend = (path: string): AppendOnlyFile => ({
    ...nodeDisk.openAppend(path),
    append: () => {
      throw new Error('no space left on device');
    },
  });
  const { open, stdout, warnings } = rig({ disk: { ...nodeDisk, openAppend } });
  await runScripts('echo one; sleep 0.1; echo two', open(plan(1)));
  expect(stdout.text()).toBe('[rank 0] one\n[rank 0] two\n');
  expect(warnings).toEqual(['rank 0: stdout.log is not complete: no space left on device; the rest is on the console only']);
});

test('files that cannot be opened are an error that leaves no pipe behind', () => {
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const before = descriptors();
  const openAppend = (): AppendOnlyFile => {
    throw new Error('permission denied');
  };
  const { open } = rig({ disk: { ...nodeDisk, openAppend } });
  expect(() => open(plan(8))).toThrow('permission denied');
  expect(descriptors()).toBeLessThanOrEqual(before + 8 * 2);
});

test('what the launcher says has its place among the lines, and on a terminal is not mixed with a progress bar', async () => {
  const { console, stdout, stderr } = rig({ terminals: { stdout: false, stderr: true } });
  console.output('stdout').write('said\n');
  console.output('stderr').write('warned\n');
  await console.flushed();
  expect([stdout.text(), stderr.text()]).toEqual(['said\n', '\u001b[Kwarned\n']);
});

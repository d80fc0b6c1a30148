import { describe, expect, test } from 'vitest';
import { NO_PYTHON, PYTHON } from '../python/find-python.ts';
import { reportOf, runProgram } from './program-run.ts';
import { linesOf, type Sandbox } from './sandbox.ts';
import { workplace } from './workplace.ts';

const HANG = ['--nproc-per-node=3', '--hang-timeout=1', '--shutdown-timeout=1', '--report=report.json'];

const NODE_RANK = `
import { init } from 'ckpt-run';
const group = init();
await group.barrier('start');
function validate() {
  for (let i = 0; ; i += 1) if (i < 0) break;
}
if (group.rank === 1) validate();
await group.barrier('end');
`;

const PYTHON_RANK = `
import threading
from ckpt_run import init
group = init()
group.barrier("start")
lock = threading.Lock()
def load_batch():
    lock.acquire()
    lock.acquire()
if group.rank == 2:
    load_batch()
group.barrier("end")
`;

const pictureIn = (stderr: string): string => stderr.replaceAll(/^\[rank .*\n/gm, '');

async function hang(box: Sandbox, script: string, env: NodeJS.ProcessEnv, options: readonly string[] = HANG): Promise<string> {
  const { code, stderr } = await runProgram(box, options, script, { env });
  expect({ code, stderr }).toMatchObject({ code: 124 });
  expect(linesOf(pictureIn(stderr)).length).toBeLessThanOrEqual(25);
  return pictureIn(stderr);
}

describe('of a program in which nothing moves', () => {
  test('a rank for Node that loops is named with its line', async () => {
    const { box, env } = workplace();
    box.write('rank.mjs', NODE_RANK);
    const picture = await hang(box, 'exec node rank.mjs', env);
    expect(picture).toMatch(
      /^ckpt-run: sh: HANG: nothing has moved for \d.* s: rank 1 is not in barrier "end", where ranks 0,2 wait/,
    );
    expect(picture).toMatch(/^ {4}verdict: {2}rank 1, validate at .*rank\.mjs:6 {2}\[elsewhere, high\]$/m);
    expect(reportOf(box)).toMatchObject({
      failure: { kind: 'hang', barrier: null, error: { code: 'CKPT_RUN_STALLED' } },
      hang: { verdict: { class: 'elsewhere', ranks: [1], place: { line: 6, functionName: 'validate' } } },
    });
  });

  test('a shell that reads what nobody writes is named with the path', async () => {
    const { box, env } = workplace();
    const script = 'ckpt-run barrier start; [ $RANK = 1 ] && { mkfifo pipe; cat < pipe; }; ckpt-run barrier end';
    const picture = await hang(box, script, env);
    expect(picture).toContain('rank 1 is not in barrier "end", where ranks 0,2 wait: in the call openat ');
    expect(reportOf(box)).toMatchObject({ hang: { verdict: { class: 'in-kernel', ranks: [1], confidence: 'medium' } } });
  });

  test('a rank that is stopped is named', async () => {
    const { box, env } = workplace();
    const picture = await hang(box, 'ckpt-run barrier start; [ $RANK = 0 ] && kill -STOP $$; ckpt-run barrier end', env);
    expect(picture).toMatch(/^ {4}verdict: {2}rank 0 {2}\[stopped, high\]$/m);
  });

  if (NO_PYTHON !== undefined) console.log(`skipped: ${NO_PYTHON}`);
  test.skipIf(NO_PYTHON !== undefined)('a rank in Python that waits for its own lock is named with its line', async () => {
    const { box, env } = workplace();
    box.write('rank.py', PYTHON_RANK);
    const script = `PYTHONPATH=$(ckpt-run python-path):$PYTHONPATH exec ${PYTHON} rank.py`;
    const picture = await hang(box, script, env);
    expect(picture).toMatch(/^ {4}verdict: {2}rank 2, load_batch at rank\.py:9 {2}\[elsewhere, /m);
  });
});

test('with --hang-action=report the run goes on, and the picture is told once for as long as it is the same', async () => {
  const { box, env } = workplace();
  const script = `ckpt-run barrier start; [ $RANK = 1 ] && until [ -e told/go ]; do sleep 0.1; done
    [ $RANK = 0 ] && { sleep 8; tell go; }; ckpt-run barrier end`;
  const { code, stderr } = await runProgram(box, [...HANG, '--hang-action=report'], script, { env });
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('HANG: nothing has moved for ') });
  expect(reportOf(box)).toMatchObject({ status: 'passed', failure: null });
});

test.for([
  [['--hang-action=report'], '--hang-action: given without --hang-timeout, expected both'],
  [['--native-stacks'], '--native-stacks: given without --hang-timeout, expected both'],
  [['--hang-timeout=0'], '--hang-timeout: got "0", expected seconds above 0'],
  [['--hang-timeout=5', '--hang-action=kill'], '--hang-action: got "kill", expected end or report'],
] as const)('%s is refused in one line', async ([options, sentence]) => {
  const { box, env } = workplace();
  const { code, stderr } = await runProgram(box, options, 'true', { env });
  expect({ code, lines: linesOf(stderr).length }).toEqual({ code: 2, lines: 1 });
  expect(stderr).toContain(`ckpt-run: ${sentence}`);
});

test('a program is the same with and without', async () => {
  const { box, env } = workplace();
  const python = `${PYTHON} -c 'import os, sys; print(os.environ.get("PYTHONPATH"), [p for p in sys.path if "watch" in p])'`;
  const node = `node -e 'console.log(process.env.NODE_OPTIONS, process.execArgv)'`;
  const script = [node, ...(NO_PYTHON === undefined ? [python] : []), 'echo err >&2', 'exit 3'].join('\n');
  const run = async (options: readonly string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await runProgram(box, ['--nproc-per-node=1', ...options], script, { env });
    return { code, stdout, stderr: stderr.replaceAll(/after [\d.]+ s|\S*attempt_0\S*/g, '…') };
  };
  expect(await run(['--hang-timeout=30'])).toEqual(await run([]));
});

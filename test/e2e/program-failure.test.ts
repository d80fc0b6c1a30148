import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { untilGone } from './live-run.ts';
import { launchCommand, reportOf, runProgram, startProgram, wordOf, wordsOf } from './program-run.ts';
import { linesOf, sandbox } from './sandbox.ts';

const TWO = ['--nproc-per-node=2', '--report=report.json'];

describe('a program whose ranks all exit with 0', () => {
  test('test_launch_standalone: passes when all ran, no address given, and leaves nothing', async () => {
    const box = sandbox();
    expect(await runProgram(box, TWO, 'tell "ran $RANK"')).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(wordsOf(box)).toEqual(['ran 0', 'ran 1']);
    expect(reportOf(box)).toMatchObject({ status: 'passed', exitCode: 0, failure: null, worldSize: 2, runDirectory: null });
    expect(box.leftovers()).toEqual([]);
  });

  test('may leave its run directory', async () => {
    const box = sandbox();
    const { stderr } = await runProgram(box, [...TWO, '--output-dir=out', '--keep-outputs'], 'echo from $RANK');
    expect(stderr).toBe(`ckpt-run: outputs kept in ${join(box.directory, 'out')}\n`);
    const { runId } = reportOf(box);
    expect(box.read(`out/.ckpt-run/${runId}/attempt_0/1/stdout.log`)).toBe('from 1\n');
    expect(box.list('out/.ckpt-run')).toEqual([runId]);
  });
});

test('test_binary_exit, exit code propagated: rank 0 exits with 138 and rank 1, which goes on, is ended by SIGTERM', async () => {
  const box = sandbox();
  const { code, stderr } = await runProgram(
    box,
    TWO,
    `[ $RANK = 1 ] && { tell ready; exec sleep 300; }
     until [ -e told/ready ]; do sleep 0.02; done
     echo "exit 138 from 0" >&2; exit 138`,
  );
  expect(code).toBe(138);
  expect(stderr).toMatch(
    /^\[rank 0\] exit 138 from 0\nckpt-run: sh: rank 0 exited with code 138 after .* s {2}\[CKPT_RANK_FAILED\]$/m,
  );
  expect(stderr).toMatch(/^ {4}ended: {4}rank 1, because of that$/m);
  expect(reportOf(box)).toMatchObject({
    exitCode: 138,
    failure: { kind: 'rank-failed', rank: 0 },
    ranks: [
      { exitCode: 138, endedByLauncher: false },
      { signal: 'SIGTERM', endedByLauncher: true },
    ],
  });
  expect(linesOf(stderr).at(-1)).toBe(reportOf(box).runDirectory);
});

test('test_binary_signal: a crash by SIGSEGV is 139 and named, and all processes are gone', async () => {
  const box = sandbox();
  const run = startProgram(box, TWO, 'tell "rank $RANK"; [ $RANK = 1 ] || exec sleep 300; echo last words >&2; kill -SEGV $$');
  const { code, stderr } = await run.ended;
  expect(code).toBe(139);
  expect(stderr).toMatch(/^ckpt-run: sh: rank 1 was killed by SIGSEGV after .* s {2}\[CKPT_RANK_KILLED\]$/m);
  expect(stderr).toMatch(/^ {4}stderr:\n {6}last words$/m);
  expect(reportOf(box).failure).toMatchObject({ kind: 'rank-killed', rank: 1, signal: 'SIGSEGV' });
  await untilGone(reportOf(box).ranks.flatMap(({ pid }) => pid ?? []));
});

describe('test_binary_incorrect_entrypoint', () => {
  test.for([
    ['does not exist', '/no/such/program', 127, 'there is no such file'],
    ['cannot be executed', '/etc/passwd', 126, 'it cannot be executed'],
  ] as const)('a program that %s ends with its code, and no rank stays', async ([, program, exitCode, why]) => {
    const box = sandbox();
    const { code, stderr } = await launchCommand(box, [...TWO, '--max-restarts=3'], [program]);
    expect(code).toBe(exitCode);
    expect(stderr).toContain(`ckpt-run: ${program}: ${why}. `);
  });
});

test('the exit code is always 1 where it is to be as with torchrun', async () => {
  for (const script of ['exit 7', 'kill -SEGV $$', 'kill -TERM $CKPT_RANK_LAUNCHER_PID; exec sleep 300'])
    expect(await runProgram(sandbox(), ['--torchrun-exit-codes'], script)).toMatchObject({ code: 1 });
});

test('of two failures close to each other the order is said to be uncertain, and both are shown', async () => {
  const box = sandbox();
  const script = `tell "ready $RANK"; trap '' TERM; until [ -e go ]; do :; done; exit $((40 + RANK))`;
  const run = startProgram(box, [...TWO, '--shutdown-timeout=30s'], script);
  await Promise.all([run.told('ready 0'), run.told('ready 1')]);
  box.write('go', '');
  const { code, stderr } = await run.ended;
  const { failure } = reportOf(box);
  const first = failure !== null && 'rank' in failure ? failure.rank : -1;
  expect(code).toBe(40 + first);
  const close = `    also:     rank ${1 - first} exited with code ${41 - first}, less than 10 ms apart: which was first is uncertain`;
  const later = `    ended:    rank ${1 - first}, because of that`;
  expect(linesOf(stderr).filter((line) => [close, later].includes(line))).toHaveLength(1);
});

test('--timeout ends a run with 124', async () => {
  const box = sandbox();
  const { code, stderr } = await runProgram(box, [...TWO, '--timeout=0.5s'], 'exec sleep 300');
  expect(code).toBe(124);
  expect(stderr).toMatch(/^ckpt-run: sh: the run took longer than --timeout 0.5 s {2}\[CKPT_RUN_TIMEOUT\]$/m);
});

test('a rank that ignores SIGTERM is killed when the shutdown time-out is over', async () => {
  const box = sandbox();
  const script = `[ $RANK = 1 ] && { trap '' TERM; tell deaf; while :; do sleep 0.1; done; }
    until [ -e told/deaf ]; do sleep 0.02; done; exit 5`;
  expect(await runProgram(box, [...TWO, '--shutdown-timeout=0.3s'], script)).toMatchObject({ code: 5 });
  expect(reportOf(box).ranks[1]).toMatchObject({ signal: 'SIGKILL', endedByLauncher: true });
});

describe('an error file of torch', () => {
  const NESTED = `{"message": {"message": "RuntimeError: loss is NaN", "extraInfo": {"timestamp": "10"}}}`;
  const FLAT = `{"message": "RuntimeError: loss is NaN", "timestamp": 10}`;

  test.for([
    ['nested', NESTED, { message: { message: 'RuntimeError: loss is NaN', extraInfo: { timestamp: '10' }, errorCode: 3 } }],
    ['flat', FLAT, { message: 'RuntimeError: loss is NaN', timestamp: 10 }],
  ] as const)('in its %s shape is quoted and passed on', async ([, content, passed]) => {
    const box = sandbox();
    const parent = join(box.directory, 'parent.json');
    const script = `[ $RANK = 1 ] || exec sleep 300; echo '${content}' > "$TORCHELASTIC_ERROR_FILE"; exit 3`;
    const { code, stderr } = await runProgram(box, TWO, script, { env: { TORCHELASTIC_ERROR_FILE: parent } });
    expect(code).toBe(3);
    expect(linesOf(stderr)).toContain('    message:  RuntimeError: loss is NaN');
    expect(JSON.parse(readFileSync(parent, 'utf8'))).toEqual(passed);
  });

  test('that nobody wrote is not passed on', async () => {
    const box = sandbox();
    const parent = join(box.directory, 'parent.json');
    await runProgram(box, TWO, 'exit 3', { env: { TORCHELASTIC_ERROR_FILE: parent } });
    expect(existsSync(parent)).toBe(false);
  });
});

test('a failure is one line of JSON where JSON is wanted', async () => {
  const { stderr } = await runProgram(sandbox(), ['--log-format=json', '--discard-outputs'], 'exit 3');
  expect(linesOf(stderr).map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ event: 'failure', exitCode: 3, code: 'CKPT_RANK_FAILED' }),
  ]);
});

test('test_invalid_log_dir: a file in the place of the log directory is refused, and nothing is started', async () => {
  const box = sandbox();
  box.write('file', '');
  const { code, stderr } = await runProgram(box, ['--log-dir=file'], 'tell started');
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'ckpt-run: --log-dir file: it is a file, expected a directory. Run ckpt-run --help for the options.\n',
  });
  expect(wordOf(box, 'started')).toBeUndefined();
});

test('--log-dir has the logs and error files, and keeps them', async () => {
  const box = sandbox();
  await runProgram(box, [...TWO, '--log-dir=logs'], 'echo from $RANK; echo {} > "$TORCHELASTIC_ERROR_FILE"');
  const { runId } = reportOf(box);
  expect(box.list(`logs/${runId}/attempt_0`)).toEqual(['0', '1']);
  expect(box.list(`logs/${runId}/attempt_0/1`)).toEqual(['error.json', 'stderr.log', 'stdout.log']);
  expect(box.leftovers()).toEqual([]);
});

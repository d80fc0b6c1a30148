import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { untilGone } from './live-run.ts';
import { launchCommand, reportOf, runProgram, startProgram, wordOf, wordsOf } from './program-run.ts';
import { mustRun } from './run-command.ts';
import { linesOf, sandbox } from './sandbox.ts';

// Cases of PyTorch's suite, each test called as the original, and those that its suite lacks.

const TWO = ['--nproc-per-node=2', '--report=report.json'];

/** As the script of PyTorch's cases: looks for all that a rank must know, and says that it ran. */
const TEST_SCRIPT = `import os, pathlib, sys
for name in """RANK WORLD_SIZE LOCAL_RANK LOCAL_WORLD_SIZE GROUP_RANK GROUP_WORLD_SIZE ROLE_RANK ROLE_WORLD_SIZE ROLE_NAME MASTER_ADDR
MASTER_PORT TORCHELASTIC_RESTART_COUNT TORCHELASTIC_MAX_RESTARTS TORCHELASTIC_RUN_ID TORCHELASTIC_USE_AGENT_STORE
TORCHELASTIC_ERROR_FILE TORCH_NCCL_ASYNC_ERROR_HANDLING TEST_SENTINEL_PARENT""".split(): assert os.environ[name], name
assert os.path.isdir(os.path.dirname(os.environ["TORCHELASTIC_ERROR_FILE"]))
pathlib.Path(sys.argv[1], os.environ["RANK"]).touch()
`;

const hasPython = spawnSync('python3', ['-c', '']).status === 0;

test.for([
  ['a script', ['script.py']],
  ['a module', ['-m', 'script']],
  ['a program', ['--no-python', 'python3', 'script.py']],
] as const)('test_launch_user_script_python: %s is run as every rank', async ([, program], { skip }) => {
  skip(!hasPython, 'python3 is not here');
  const box = sandbox();
  box.write('script.py', TEST_SCRIPT);
  box.write('ran/.keep', '');
  const env = { TEST_SENTINEL_PARENT: 'FOOBAR' };
  expect(await launchCommand(box, ['--nproc-per-node=4'], [...program, 'ran'], { env })).toMatchObject({ code: 0, stderr: '' });
  expect(box.list('ran')).toEqual(['.keep', '0', '1', '2', '3']);
});

test('test_is_torchelastic_launched, test_is_not_torchelastic_launched: a program can tell', async () => {
  const box = sandbox();
  const script = `echo "launched: \${TORCHELASTIC_RUN_ID+yes}"`;
  expect((await runProgram(box, ['--nproc-per-node=1'], script)).stdout).toBe('[rank 0] launched: yes\n');
  expect(await mustRun('sh', ['-c', script], { env: { TORCHELASTIC_RUN_ID: undefined } })).toBe('launched: \n');
});

test('test_launch_elastic_agent_raise_exception: what went wrong in the launcher is shown, and no rank stays', async () => {
  const box = sandbox();
  const script = `[ $RANK = 0 ] && { tell ready; exec sleep 300; }
    until [ -e told/ready ]; do sleep 0.02; done
    rm -r out/.ckpt-run; echo >out/.ckpt-run; exit 3`;
  const { code, stderr } = await runProgram(box, ['--nproc-per-node=2', '--output-dir=out', '--max-restarts=1'], script);
  expect(code).toBeGreaterThan(0);
  expect(stderr).toMatch(
    /^ckpt-run: --output-dir .*attempt_1: ENOTDIR: not a directory, mkdir .*\. Choose another --output-dir\.$/m,
  );
  await untilGone([wordOf(box, 'ready') ?? 0]);
});

test('workers_drift_success, workers_drift_fail: ranks that end apart do not fail the run', async () => {
  const box = sandbox();
  const script = `[ $RANK = 1 ] && { tell first; exit 0; }
    until [ -e told/first ] && ! kill -0 $(cat told/first) 2>/dev/null; do sleep 0.02; done
    tell last`;
  expect(await runProgram(box, TWO, script)).toMatchObject({ code: 0, stderr: '' });
  expect(wordsOf(box)).toEqual(['first', 'last']);
});

test('barrier_failed: a node that cannot leave the shared run in order has passed all the same', async () => {
  const box = sandbox();
  const node = (rank: number): readonly string[] => ['--nnodes=2', `--node-rank=${rank}`, '--output-dir=out', '--rdzv-id=job'];
  const last = startProgram(box, node(1), 'tell here; until [ -e go ]; do sleep 0.02; done');
  await last.told('here');
  expect(await runProgram(box, node(0), 'rm -r out/.ckpt-run/job')).toMatchObject({ code: 0 });
  box.write('go', '');
  expect(await last.ended).toMatchObject({ code: 0 });
});

test('first-failed rank right: the others fail later, with other codes, and are not taken for it', async () => {
  const box = sandbox();
  // The others wait until the launcher has seen the first one end.
  const script = `trap '' TERM
    [ $RANK = 2 ] && { tell pid; exit 42; }
    until [ -e told/pid ] && ! kill -0 $(cat told/pid) 2>/dev/null; do sleep 0.01; done
    exit $((40 + RANK))`;
  const { code, stderr } = await runProgram(box, ['--nproc-per-node=4', '--report=report.json'], script);
  expect(code).toBe(42);
  expect(stderr).toMatch(/^ckpt-run: sh: rank 2 exited with code 42 after /m);
  expect(reportOf(box).failure).toMatchObject({ kind: 'rank-failed', rank: 2 });
});

test('lines never mangled: those of four ranks, each printed in two parts', async () => {
  const box = sandbox();
  const script = `i=0; while [ $i -lt 500 ]; do printf "rank $RANK "; printf "line $i"; echo; i=$((i + 1)); done`;
  const { code, stdout } = await runProgram(box, ['--nproc-per-node=4'], script);
  expect(code).toBe(0);
  for (const rank of [0, 1, 2, 3]) {
    const lines = linesOf(stdout).filter((line) => line.startsWith(`[rank ${rank}] `));
    expect(lines).toEqual(Array.from({ length: 500 }, (_, line) => `[rank ${rank}] rank ${rank} line ${line}`));
  }
  expect(linesOf(stdout)).toHaveLength(2000);
});

test('temp dirs removed: after a success, and after a failure that is to leave nothing', async () => {
  const box = sandbox();
  await runProgram(box, TWO, 'true');
  await runProgram(box, [...TWO, '--discard-outputs'], 'exit 3');
  expect(box.leftovers()).toEqual([]);
});

test('SIGSTOPped rank noticed: it is said once, and SIGTERM ends it without waiting for the shutdown time-out', async () => {
  const box = sandbox();
  const run = startProgram(box, [...TWO, '--shutdown-timeout=300s'], 'tell "rank $RANK"; exec sleep 300');
  const [, pid = 0] = await Promise.all([run.told('rank 0'), run.told('rank 1')]);
  process.kill(pid, 'SIGSTOP');
  await run.during(run.stderrHas(/rank 1 is stopped/));
  run.launcher.kill('SIGQUIT');
  await run.during(run.stderrHas(/rank 1: pid \d+, state T, /));
  run.launcher.kill('SIGTERM');
  const { code, stderr } = await run.ended;
  expect(code).toBe(143);
  const said = linesOf(stderr).filter((line) => line.includes('is stopped'));
  expect(said).toEqual([`ckpt-run: rank 1 is stopped: kill -CONT ${pid} lets it go on`]);
  await untilGone([pid]);
});

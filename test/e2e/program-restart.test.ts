import { expect, test } from 'vitest';
import { isRunning } from './live-run.ts';
import { reportOf, runProgram, startProgram, wordOf, wordsOf } from './program-run.ts';
import { linesOf, sandbox } from './sandbox.ts';

const TWO = ['--nproc-per-node=2', '--report=report.json'];

const restarting = (rank: number, how: string, attempt: number, of: number): string =>
  `ckpt-run: rank ${rank} failed (${how}): restarting all ranks, attempt ${attempt} of ${of}`;

test('test_rank_restart_after_failure (fail_rank_one_once): rank 1 fails once, all ranks are started again with another port, and the run passes', async () => {
  const box = sandbox();
  const script = `tell "$TORCHELASTIC_RESTART_COUNT.$RANK" $MASTER_PORT
    [ $TORCHELASTIC_RESTART_COUNT = 0 ] || exit 0
    [ $RANK = 1 ] && exit 7
    exec sleep 300`;
  const { code, stderr } = await runProgram(box, [...TWO, '--max-restarts=3'], script);
  expect(stderr).toBe(`${restarting(1, 'exit code 7', 1, 3)}\n`);
  expect(code).toBe(0);
  expect(reportOf(box)).toMatchObject({ attempt: 1, status: 'passed' });
  expect(wordsOf(box)).toEqual(expect.arrayContaining(['0.1', '1.0', '1.1']));
  expect(wordOf(box, '1.0')).toBe(wordOf(box, '1.1'));
  expect(wordOf(box, '1.1')).not.toBe(wordOf(box, '0.1'));
  expect(box.leftovers()).toEqual([]);
});

test('run_bipolar_function: odd ranks always fail, all restarts are used up, and the run fails', async () => {
  const box = sandbox();
  const script = `tell "$TORCHELASTIC_RESTART_COUNT.$RANK.$TORCHELASTIC_MAX_RESTARTS"; [ $((RANK % 2)) = 0 ] || kill -KILL $$; exec sleep 300`;
  const { code, stderr } = await runProgram(box, [...TWO, '--max-restarts=2'], script);
  expect(code).toBe(137);
  expect(linesOf(stderr).slice(0, 2)).toEqual([restarting(1, 'SIGKILL', 1, 2), restarting(1, 'SIGKILL', 2, 2)]);
  expect(reportOf(box)).toMatchObject({ attempt: 2, failure: { kind: 'rank-killed', rank: 1 } });
  expect(wordsOf(box).filter((word) => /\.1\.2$/.test(word))).toEqual(['0.1.2', '1.1.2', '2.1.2']);
  expect(reportOf(box).runDirectory).toMatch(/attempt_2$/);
});

test('what an attempt has left behind is gone before the next begins', async () => {
  const box = sandbox();
  const script = `if [ $TORCHELASTIC_RESTART_COUNT = 0 ]; then
      setsid sleep 300 & tell stray $!
      exit 7
    fi
    case $(cat /proc/$(cat told/stray)/stat 2>/dev/null) in "" | *") Z "* | *") X "*) ;; *) tell alive ;; esac`;
  expect(await runProgram(box, ['--max-restarts=1'], script)).toMatchObject({ code: 0 });
  expect(wordsOf(box)).toEqual(['stray']);
  expect(isRunning(wordOf(box, 'stray') ?? 0)).toBe(false);
});

test('an interrupted run is not started again', async () => {
  const box = sandbox();
  const run = startProgram(box, [...TWO, '--max-restarts=3'], `tell "$TORCHELASTIC_RESTART_COUNT.$RANK"; exec sleep 300`);
  await Promise.all([run.told('0.0'), run.told('0.1')]);
  run.launcher.kill('SIGTERM');
  expect(await run.ended).toMatchObject({ code: 143 });
  expect(wordsOf(box)).toEqual(['0.0', '0.1']);
});

test('test_single_node_defaults_to_free_port: two runs at once have different ports', async () => {
  const boxes = [sandbox(), sandbox()];
  const runs = boxes.map((box) => startProgram(box, [], 'tell port $MASTER_PORT; until [ -e go ]; do sleep 0.02; done'));
  const ports = await Promise.all(runs.map((run) => run.told('port')));
  for (const box of boxes) box.write('go', '');
  expect(new Set(ports).size).toBe(2);
  for (const run of runs) expect(await run.ended).toMatchObject({ code: 0 });
});

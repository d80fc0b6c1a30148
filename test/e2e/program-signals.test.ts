import { describe, expect, test } from 'vitest';
import { interruptAgain, until, untilGone } from './live-run.ts';
import { type ProgramRun, reportOf, startProgram, wordOf, wordsOf } from './program-run.ts';
import { linesOf, type Sandbox, sandbox } from './sandbox.ts';

const TWO = ['--nproc-per-node=2', '--report=report.json'];

/** Waits for a word that may be told in the last moment of a run. */
const saying = (box: Sandbox, word: string): Promise<number> => until(`the word ${word}`, () => wordOf(box, word));

const bothTold = (run: ProgramRun, word: string): Promise<readonly number[]> =>
  Promise.all([0, 1].map((rank) => run.told(`${word} ${rank}`)));

/** Tells the signals that it is sent. */
const TALKATIVE = `
  for signal in HUP INT TERM USR1 USR2 QUIT; do trap "tell '\${RANK} got \${signal}'" $signal; done
  tell "ready $RANK"
  while :; do sleep 0.05; done`;

describe('test_no_zombie_process_binary', () => {
  test.for([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s to the launcher reaches the ranks and ends them', async ([signal, exitCode]) => {
    const box = sandbox();
    const script = `trap "tell 'got $RANK'; exit 0" ${signal.slice(3)}; tell "ready $RANK"; while :; do sleep 0.05; done`;
    const run = startProgram(box, TWO, script);
    const pids = await bothTold(run, 'ready');
    run.launcher.kill(signal);
    const { code, stderr } = await run.ended;
    expect(code).toBe(exitCode);
    expect(linesOf(stderr)).toContain(`ckpt-run: interrupted by ${signal}`);
    expect(wordsOf(box)).toEqual(['got 0', 'got 1', 'ready 0', 'ready 1']);
    await untilGone(pids);
  });

  test('SIGQUIT, the second within 5 s, reaches the ranks and ends them', async () => {
    const box = sandbox();
    const run = startProgram(box, TWO, `trap "tell 'got $RANK'; exit 0" QUIT; tell "ready $RANK"; while :; do sleep 0.05; done`);
    const pids = await bothTold(run, 'ready');
    run.launcher.kill('SIGQUIT');
    run.launcher.kill('SIGUSR1');
    await run.during(run.stderrHas(/SIGUSR1 not forwarded/));
    run.launcher.kill('SIGQUIT');
    expect(await run.ended).toMatchObject({ code: 131 });
    expect(wordsOf(box)).toEqual(['got 0', 'got 1', 'ready 0', 'ready 1']);
    await untilGone(pids);
  });
});

test('hung rank named: SIGQUIT says the state of each rank, and the run goes on', async () => {
  const box = sandbox();
  const script = `echo "step 3"; until grep -q step "$CKPT_RANK_RUN_DIRECTORY/$LOCAL_RANK/stdout.log"; do sleep 0.02; done
    tell "ready $RANK"; until [ -e go ]; do sleep 0.05; done`;
  const run = startProgram(box, TWO, script);
  const pids = await bothTold(run, 'ready');
  run.launcher.kill('SIGQUIT');
  await run.during(run.stderrHas(/rank 1: .*\n/));
  box.write('go', '');
  const { code, stderr } = await run.ended;
  expect(code).toBe(0);
  expect(linesOf(stderr)).toEqual([
    expect.stringMatching(`^ckpt-run: rank 0: pid ${pids[0]}, state [A-Z], running for \\d+\\.\\d s, last line: step 3$`),
    expect.stringMatching(`^ckpt-run: rank 1: pid ${pids[1]}, state [A-Z], running for \\d+\\.\\d s, last line: step 3$`),
  ]);
});

test.for(['SIGUSR1', 'SIGUSR2'] as const)('%s reaches ranks that catch it, and ends nothing', async (signal) => {
  const box = sandbox();
  const catching = `[ $RANK = 1 ] || { tell "ready $RANK"; until [ -e go ]; do sleep 0.05; done; exit 0; }
    trap "tell 'got it'; exit 0" ${signal.slice(3)}; tell "ready $RANK"; while :; do sleep 0.05; done`;
  const run = startProgram(box, TWO, catching);
  await bothTold(run, 'ready');
  run.launcher.kill(signal);
  await run.told('got it');
  box.write('go', '');
  const { code, stderr } = await run.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: `ckpt-run: ${signal} not forwarded to rank 0: no handler there\n` });
});

test('second signal forces: a second SIGINT kills at once', async () => {
  const box = sandbox();
  const run = startProgram(box, [...TWO, '--shutdown-timeout=300s'], TALKATIVE);
  const pids = await bothTold(run, 'ready');
  run.launcher.kill('SIGINT');
  await Promise.all([saying(box, '0 got INT'), saying(box, '1 got INT')]);
  await interruptAgain(run);
  expect(await run.ended).toMatchObject({ code: 130 });
  expect(reportOf(box).ranks).toMatchObject([{ signal: 'SIGKILL' }, { signal: 'SIGKILL' }]);
  await untilGone(pids);
});

import { chmodSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isRunning, untilGone } from './live-run.ts';
import { runProgram, startProgram, wordOf } from './program-run.ts';
import { sandbox } from './sandbox.ts';

const TWO = ['--nproc-per-node=2', '--report=report.json'];

/** Each rank starts a child in its group and one that leaves it, both deaf to SIGTERM. */
const FAMILY = `
  trap '' TERM HUP INT
  sleep 300 & tell "child $RANK" $!
  setsid sleep 300 & tell "stray $RANK" $!
  tell "rank $RANK"`;

const MEMBERS = ['child 0', 'stray 0', 'rank 0', 'child 1', 'stray 1', 'rank 1'];

describe('neither ranks, nor their children, nor those that left the group stay', () => {
  test.for([
    ['launcher SIGKILL leaves no orphan', 'SIGKILL', null],
    ['when it is stopped by SIGTERM', 'SIGTERM', 143],
  ] as const)('%s', async ([, signal, code]) => {
    const box = sandbox();
    const run = startProgram(box, [...TWO, '--shutdown-timeout=0.2s'], `${FAMILY}; while :; do sleep 1; done`);
    const pids = await Promise.all(MEMBERS.map(run.told));
    run.launcher.kill(signal);
    expect(await run.ended).toMatchObject({ code });
    await untilGone(pids);
  });

  test('when all ranks have exited with 0', async () => {
    const box = sandbox();
    expect(await runProgram(box, TWO, FAMILY)).toMatchObject({ code: 0 });
    expect(MEMBERS.map((word) => isRunning(wordOf(box, word) ?? 0))).toEqual(MEMBERS.map(() => false));
  });
});

test('test_wait_for_all_child_procs_to_exit: the launcher returns only after its ranks have really ended', async () => {
  const box = sandbox();
  const script = `trap 'sleep 0.5; tell "ended $RANK"; exit 0' TERM; tell "rank $RANK"; while :; do sleep 0.05; done`;
  const run = startProgram(box, TWO, script);
  const pids = await Promise.all([run.told('rank 0'), run.told('rank 1')]);
  run.launcher.kill('SIGTERM');
  await run.ended;
  expect(['ended 0', 'ended 1'].map((word) => wordOf(box, word))).toEqual(pids);
  expect(pids.map(isRunning)).toEqual([false, false]);
});

describe('a run that was told to discard its outputs leaves none even when its launcher is killed', () => {
  const isRun = (name: string): boolean => !name.startsWith('lease.');

  test.for([
    ['in a temporary directory', []],
    ['in a named directory', ['--output-dir=out']],
  ] as const)('%s', async ([, place]) => {
    const box = sandbox();
    const run = startProgram(box, [...TWO, ...place, '--discard-outputs'], 'tell "rank $RANK"; exec sleep 300');
    const pids = await Promise.all([run.told('rank 0'), run.told('rank 1')]);
    run.launcher.kill('SIGKILL');
    await run.ended;
    await untilGone(pids);
    await expect.poll(() => [...box.leftovers(), ...box.list('out/.ckpt-run').filter(isRun)], { timeout: 10_000 }).toEqual([]);
  });

  test('between making the pipes and opening them', async () => {
    const box = sandbox();
    const killer = `#!/bin/sh\nPATH='${process.env['PATH']}' mkfifo "$@" && kill -KILL $PPID\n`;
    chmodSync(box.write('tools/mkfifo', killer), 0o755);
    const env = { PATH: `${box.directory}/tools:${process.env['PATH']}` };
    expect(await runProgram(box, [...TWO, '--discard-outputs'], 'tell started', { env })).toMatchObject({ signal: 'SIGKILL' });
    await expect.poll(() => box.leftovers(), { timeout: 10_000 }).toEqual([]);
  });
});

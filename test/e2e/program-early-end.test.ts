import { expect, test } from 'vitest';
import { meet } from './barrier-client.ts';
import { reportOf, runProgram } from './program-run.ts';
import { linesOf, sandbox } from './sandbox.ts';

const THREE = ['--nproc-per-node=3', '--report=report.json'];

test('early exit-0 rank named: a rank that exits with 0 while the others wait for it is named at once', async () => {
  const box = sandbox();
  const script = `[ $RANK = 1 ] && { ${meet('load')}; echo "rank 1 has seen enough" >&2; exit 0; }
    exec ${meet('load', 'save')}`;
  const { code, stderr } = await runProgram(box, THREE, script);
  expect(code).toBe(124);
  const { failure, ranks, runDirectory } = reportOf(box);
  expect(failure).toMatchObject({
    kind: 'rank-ended-early',
    rank: 1,
    error: { code: 'CKPT_RANK_ENDED_EARLY', evidence: { barrier: { sequence: 1, name: 'save' } } },
  });
  expect(ranks).toMatchObject([{ endedByLauncher: true }, { exitCode: 0, endedByLauncher: false }, { endedByLauncher: true }]);
  expect(linesOf(stderr.replaceAll(/^\[rank .*\n/gm, ''))).toEqual([
    expect.stringMatching(
      /^ckpt-run: sh: rank 1 exited with code 0 after \d\.\d\d s, while ranks? [02,]+ waited for it at barrier #1 "save" {2}\[CKPT_RANK_ENDED_EARLY\]$/,
    ),
    '    stderr:',
    '      rank 1 has seen enough',
    '    ended:    ranks 0,2, because of that',
    expect.stringMatching(/^ {4}logs: {5}.*attempt_0\/1$/),
    '    fix:      Have every rank call every barrier: look for an early return, or a condition that only some ranks meet.',
    runDirectory,
  ]);
});

test('also when the others come to the barrier long after its end', async () => {
  const box = sandbox();
  const ended = '[ "$(cat told/one 2>/dev/null)" ] && ! kill -0 "$(cat told/one)" 2>/dev/null';
  const script = `[ $RANK = 1 ] && { tell one; exit 0; }
    until ${ended}; do sleep 0.02; done
    exec ${meet('save')}`;
  expect(await runProgram(box, [...THREE, '--torchrun-exit-codes'], script)).toMatchObject({ code: 1 });
  expect(reportOf(box).failure).toMatchObject({ kind: 'rank-ended-early', rank: 1 });
});

test('a rank that ends after the last barrier has ended well, whoever still works', async () => {
  const box = sandbox();
  const script = `${meet('load', 'save', 'end')} || exit; [ $RANK = 1 ] || sleep 0.3`;
  expect(await runProgram(box, THREE, script)).toMatchObject({ code: 0, stderr: '' });
});

test('ranks that wait for each other are restarted with it', async () => {
  const box = sandbox();
  const script = `[ $RANK.$TORCHELASTIC_RESTART_COUNT = 1.0 ] && exit 0; exec ${meet('save')}`;
  expect(await runProgram(box, [...THREE, '--max-restarts=1'], script)).toMatchObject({
    code: 0,
    stderr: 'ckpt-run: rank 1 ended early (exit code 0): restarting all ranks, attempt 1 of 1\n',
  });
});

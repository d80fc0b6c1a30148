import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { reportOf } from '../e2e/program-run.ts';
import { linesOf, sandbox } from '../e2e/sandbox.ts';
import { pathOf, startTorch, torchTest } from './torch-run.ts';

const THREE = ['--nproc-per-node=3', '--report=report.json'];
const FAILS_ONCE = pathOf('fails_once.py');

torchTest('what @record writes is shown and passed on; ranks whose connection is closed by that are not to blame', async () => {
  const box = sandbox();
  const parent = join(box.directory, 'parent.json');
  const { code, stderr } = await startTorch(box, THREE, [FAILS_ONCE, 'raise'], { TORCHELASTIC_ERROR_FILE: parent }).ended;
  expect(code, stderr).toBe(1);
  expect(linesOf(stderr)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ckpt-run: fails_once\.py: rank 1 exited with code 1 after .* s {2}\[CKPT_RANK_FAILED\]$/),
      '    message:  RuntimeError: loss is NaN at step 7',
      '    ended:    ranks 0,2, because of that',
    ]),
  );
  const { runDirectory, failure } = reportOf(box);
  expect(failure).toMatchObject({ kind: 'rank-failed', rank: 1 });
  expect(existsSync(join(runDirectory ?? '', '1', 'error.json'))).toBe(true);
  const py_callstack = expect.stringContaining('fails_once.py');
  const message = { message: 'RuntimeError: loss is NaN at step 7', extraInfo: { py_callstack }, errorCode: 1 };
  expect(JSON.parse(readFileSync(parent, 'utf8'))).toMatchObject({ message });
});

torchTest('test_rank_restart_after_failure: after an exit with 3 all ranks meet again at another port', async () => {
  const box = sandbox();
  const { code, stdout, stderr } = await startTorch(box, [...THREE, '--max-restarts=1'], [FAILS_ONCE, '3']).ended;
  expect(code, stderr).toBe(0);
  expect(linesOf(stderr)).toContain('ckpt-run: rank 1 failed (exit code 3): restarting all ranks, attempt 1 of 1');
  expect(linesOf(stdout)).toEqual(expect.arrayContaining([0, 1, 2].map((rank) => `[rank ${rank}] all ranks add up to 3`)));
  const ports = [0, 1].map((attempt) => portsOf(stdout, attempt));
  expect(ports).toEqual([[expect.any(String)], [expect.any(String)]]);
  expect(ports[0]).not.toEqual(ports[1]);
  expect(box.leftovers()).toEqual([]);
});

/** The different ports at which ranks of an attempt have met. */
const portsOf = (stdout: string, attempt: number): readonly string[] => [
  ...new Set([...stdout.matchAll(new RegExp(`attempt ${attempt} at port (\\d+)`, 'g'))].flatMap(([, port]) => port ?? [])),
];

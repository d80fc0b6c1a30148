import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeDisk } from '../../shared/platform/disk.ts';
import { readBeat } from '../../shared/platform/heartbeat/beat-file.ts';
import { readJournal } from '../../shared/platform/journal-file.ts';
import { runDirectory } from '../../shared/platform/run-directory.ts';
import { startRun, until } from './live-run.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

/** Rehearses a hang of two ranks, in which rank 1 is the culprit. */
async function rehearse(scenario: string, barrierTimeout = 1) {
  const box: Sandbox = sandbox();
  const args = ['--nproc-per-node=2', '--scenario', scenario, `--barrier-timeout=${barrierTimeout}`, '--output-dir=out'];
  const { code, stderr, report } = await box.runForReport(args);
  const run = runDirectory(report.runDirectory ?? '');
  const said = nodeDisk.readTextIfAny(run.stderr(1)) ?? '';
  return { code, stderr, run, said, events: readJournal(nodeDisk, run.journal(1)).events };
}

test('a lock of the dead holds the rank, and lies in the run directory', async () => {
  const { code, stderr, run, said } = await rehearse('hang-lock-deadlock');
  expect(code).toBe(124);
  expect(stderr).toMatch(/missing rank 1/);
  expect(said.split('\n')).toContain('ckpt-run: rank 1: hold-lock, simulated as ordered');
  expect(nodeDisk.readText(`${run.path}/simulated-lock-of-rank-1`)).toContain('4194304');
});

test('a rank whose lock is removed goes on, and nothing is held against it', async () => {
  const box = sandbox();
  const run = startRun(box, ['--nproc-per-node=2', '--scenario=basic', '--inject=hold-lock:rank=1,step=50', '--output-dir=out']);
  const state = 'out/.ckpt-run';
  const findLock = (): string | undefined =>
    box
      .list(state)
      .map((id) => join(box.directory, state, id, 'attempt_0', 'simulated-lock-of-rank-1'))
      .find((path) => existsSync(path));
  unlinkSync(await run.during(until('the lock', findLock)));
  expect(await run.ended).toMatchObject({ code: 0 });
});

test('a frozen rank is on another host, and its heartbeat is older than that of the others', async () => {
  const { code, stderr, run, said, events } = await rehearse('hang-host-frozen', 2);
  expect(code).toBe(124);
  expect(stderr).toMatch(/missing rank 1/);
  expect(said.split('\n')).toContain('ckpt-run: rank 1: freeze-host, simulated as ordered');
  expect(events[0]).toMatchObject({ type: 'rank:started', host: 'simulated-host' });
  const [healthy, frozen] = [0, 1].map((rank) => readBeat(nodeDisk, run.heartbeat(rank)));
  expect(frozen).toMatchObject({ beat: 1, step: 75 });
  expect((healthy?.wallMs ?? 0) - (frozen?.wallMs ?? 0)).toBeGreaterThan(1000);
});

test('a rank that does not see the files of others waits at a barrier that has opened', async () => {
  const { code, stderr, said, events } = await rehearse('hang-stale-view');
  expect(code).toBe(124);
  expect(stderr).toMatch(/"hang-stale-view\/save@75:committed" timed out .*missing rank 1/);
  expect(said.split('\n')).toContain('ckpt-run: rank 1: hide-files, simulated as ordered');
  expect(events.at(-1)).toMatchObject({ type: 'barrier:arrived', name: 'hang-stale-view/save@75:written' });
});

test('a rank whose clocks run ahead gives the others up, which stall so that it has to wait', async () => {
  const { code, stderr, said, events } = await rehearse('hang-clock-skew', 2);
  expect(code).toBe(124);
  expect(stderr).toMatch(/"hang-clock-skew\/save@25:written" timed out .*missing rank 0 \(arrived: rank 1\)/);
  expect(said.split('\n')).toContain('ckpt-run: rank 1: skew-clock, simulated as ordered');
  const spanMs = (events.at(-1)?.atMs ?? 0) - (events[0]?.atMs ?? 0);
  expect(spanMs).toBeGreaterThan(3_600_000);
});

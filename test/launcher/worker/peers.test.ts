import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leaveRun } from '../../../launcher/worker/join-run.ts';
import { openPeers, type Peers, workersIn } from '../../../launcher/worker/peers.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { processIdentity } from '../../../shared/platform/process-identity.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const platform = nodePlatform();
const LIMIT_MS = 20_000;

function newRun(): RunDirectory {
  const run = runDirectory(join(temporaryDirectory(), 'attempt_0'));
  mkdirSync(run.workers, { recursive: true });
  return run;
}

function watch(run: RunDirectory, ranks: readonly number[]): Peers {
  const peers = openPeers(platform, run, ranks, 0);
  onTestFinished(() => peers.close());
  return peers;
}

const exit = (exitCode: number): { exitCode: number; signal: null; startError: null } => ({
  exitCode,
  signal: null,
  startError: null,
});

const arrive = (run: RunDirectory, rank: number, other = {}): void =>
  platform.disk.write(run.joined(rank), JSON.stringify({ ...processIdentity(platform), ...other }));

test('a rank of another process ends as its process says', async () => {
  const run = newRun();
  const peers = watch(run, [1]);
  arrive(run, 1);
  expect(await peers.hasJoined(1, LIMIT_MS)).toBe(true);
  leaveRun(platform, run, 1, { exit: exit(3), because: 1, diagnosis: null });
  expect(await peers.hosts[0]?.exited).toEqual(exit(3));
  expect(peers.failed()).toBe(1);
});

test('of several that failed, the one that the others name is seen to fail first', async () => {
  const run = newRun();
  const peers = watch(run, [1, 2]);
  leaveRun(platform, run, 1, { exit: exit(1), because: 2, diagnosis: null });
  expect(peers.failed()).toBe(2);
  leaveRun(platform, run, 2, { exit: exit(7), because: 2, diagnosis: null });
  const ended: number[] = [];
  const noting = peers.hosts.map(({ rank, exited }) => exited.then(() => ended.push(rank)));
  await Promise.all(noting);
  expect(ended).toEqual([2, 1]);
});

test('a process that is dead, and has said nothing, is seen to be', async () => {
  const run = newRun();
  arrive(run, 1, { startTicks: 1 });
  expect(await watch(run, [1]).hosts[0]?.exited).toEqual({ exitCode: null, signal: null, startError: null });
});

test('a rank that never came is not there when the time is over, and told to end it is no longer waited for', async () => {
  const peers = watch(newRun(), [1]);
  expect(await peers.hasJoined(1, 1)).toBe(false);
  expect(await peers.leaving(1, 1)).toBeUndefined();
  expect(peers.failed()).toBeUndefined();
  peers.hosts[0]?.signal('SIGTERM');
  expect(await peers.hosts[0]?.exited).toEqual({ exitCode: null, signal: null, startError: null });
});

test('one that was told to end may still say how it did', async () => {
  const run = newRun();
  const peers = watch(run, [1]);
  peers.hosts[0]?.signal('SIGTERM');
  await peers.hosts[0]?.exited;
  const leaving = peers.leaving(1, LIMIT_MS);
  leaveRun(platform, run, 1, { exit: exit(1), because: 1, diagnosis: null });
  expect(await leaving).toMatchObject({ exit: exit(1), because: 1 });
});

test('a rank whose process was refused is not waited for', async () => {
  const run = newRun();
  leaveRun(platform, run, 0, { exit: exit(2), because: null, diagnosis: null });
  expect(await watch(run, [0]).hasJoined(0, LIMIT_MS)).toBe(false);
});

test('who is missing is known, until all have come or somebody has failed', async () => {
  const run = newRun();
  const peers = watch(run, [1, 2]);
  arrive(run, 2);
  expect(await peers.allJoined(1, () => false)).toEqual([1]);
  expect(await peers.allJoined(LIMIT_MS, () => true)).toEqual([]);
  const joining = peers.allJoined(LIMIT_MS, () => false);
  arrive(run, 1);
  expect(await joining).toEqual([]);
  const others = watch(run, [1, 3]);
  leaveRun(platform, run, 1, { exit: exit(2), because: null, diagnosis: null });
  expect(await others.allJoined(LIMIT_MS, () => false)).toEqual([]);
});

test('what workers found is read of those that have come', () => {
  const run = newRun();
  const found = { fileSystem: 'nfs', clockSkewMs: -3 };
  for (const rank of [10, 9]) arrive(run, rank, { rank, host: `host-${rank}`, ...found });
  platform.disk.write(run.joined(3), '{');
  expect(workersIn(platform.disk, run)).toEqual([9, 10].map((rank) => ({ rank, host: `host-${rank}`, ...found })));
});

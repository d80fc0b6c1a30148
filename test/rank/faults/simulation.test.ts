import { mkdirSync, readFileSync, unlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openDoing } from '../../../rank/doing.ts';
import { pliablePlatform, simulate } from '../../../rank/faults/simulation.ts';
import type { Fault, SimulatedDeed } from '../../../shared/contracts/fault.ts';
import { openFileBarrier } from '../../../shared/platform/barrier/file-barrier.ts';
import type { Clock } from '../../../shared/platform/clock.ts';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { nodeSabotage } from '../../../shared/platform/sabotage.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { worldOf } from '../group-run.ts';
import { stillHeart } from '../stand-ins.ts';

/** Rank 1 of two, and what a deed does to it. */
function rankOne(platform: Platform = nodePlatform()) {
  const run = runDirectory(temporaryDirectory());
  const own = pliablePlatform(platform, [], 1);
  const doing = openDoing(own.clock);
  const deeds: string[] = [];
  const actors = {
    ...{ platform: own, run, doing, world: worldOf(1, 2) },
    sabotage: { ...nodeSabotage({}), blockOn: (path: string) => void deeds.push(`blocks on ${path}`) },
    heart: {
      ...stillHeart,
      freeze: () => void deeds.push('heart stands still'),
      runAhead: (ms: number) => void deeds.push(`${ms} ms ahead`),
    },
  };
  return { run, platform: own, doing, deeds, strike: (kind: SimulatedDeed['kind']) => simulate({ kind }, '/pipe', actors) };
}

const barrierOf = (platform: Platform, run: RunDirectory, rank: number, timeoutMs = 20_000) =>
  openFileBarrier({
    ...{ platform, rank, worldSize: 2, timeoutMs, directory: run.barriers },
    journal: { append: () => undefined },
  });

test('a rank that waits for a lock says for which and who holds it, and goes on when the lock is removed', async () => {
  const { strike, doing, run } = rankOne();
  const waiting = strike('hold-lock');
  const [begun] = doing.now();
  const path = `${run.path}/simulated-lock-of-rank-1`;
  expect(begun).toMatchObject({
    what: `a wait for the lock ${path}, held by pid 4194304 (simulated)`,
    lock: { path, holder: 'pid 4194304 (simulated)', holderPid: 4194304 },
  });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: 4194304 });
  expect(() => process.kill(4194304, 0)).toThrow('ESRCH');
  unlinkSync(path);
  await waiting;
  expect(doing.now()).toEqual([]);
});

test('on a frozen host the heart stands still before the rank does', async () => {
  const { strike, deeds } = rankOne();
  await strike('freeze-host');
  expect(deeds).toEqual(['heart stands still', 'blocks on /pipe']);
});

test('who is to be frozen names another host from its start on, and nobody else does', () => {
  const platform = nodePlatform();
  const faults: readonly Fault[] = [{ kind: 'freeze-host', rank: 1, step: 50 }];
  expect([0, 1].map((rank) => pliablePlatform(platform, faults, rank).host)).toEqual([platform.host, 'simulated-host']);
});

test('a rank with hidden files sees neither arrivals nor decisions of others, and the others see its own', async () => {
  const { strike, platform, run } = rankOne();
  const [other, own] = [barrierOf(nodePlatform(), run, 0), barrierOf(platform, run, 1)];
  await Promise.all([other.wait('first'), own.wait('first')]);
  await strike('hide-files');
  // It waits for ever.
  own.wait('second').catch(() => undefined);
  await expect(other.wait('second')).resolves.toEqual([null, null]);
  const { disk } = nodePlatform();
  const arrivals = `${run.barriers}/arrivals-1`;
  expect(disk.list(arrivals).toSorted()).toEqual(['000001-rank-0', '000001-rank-1']);
  expect(platform.disk.list(arrivals)).toEqual(['000001-rank-1']);
  expect(platform.disk.kindOf(`${arrivals}/000001-rank-0`)).toBe('nothing');
  expect(platform.disk.readTextIfAny(`${arrivals}/000001-rank-0`)).toBeUndefined();
  expect(platform.disk.list(`${run.barriers}/decisions`)).toEqual([]);
  other.close();
  own.close();
});

test('hidden files hide nothing but what is at barriers, and no decision of its own', async () => {
  const { strike, platform, run } = rankOne();
  const { disk } = platform;
  mkdirSync(`${run.barriers}/decisions`, { recursive: true });
  disk.write(run.plan, 'x');
  await strike('hide-files');
  expect(disk.readTextIfAny(run.plan)).toBe('x');
  expect(disk.list(run.path).toSorted()).toEqual(['barriers', 'plan.json']);
  const decision = `${run.barriers}/decisions/000003.json`;
  expect(disk.linkIfFree(run.plan, decision)).toBe(true);
  expect(disk.readTextIfAny(decision)).toBe('x');
});

test('a skewed clock jumps an hour ahead, and again after every wait, and its heartbeat with it', async () => {
  const now = { wall: 1000, monotonic: 10 };
  const clock: Clock = {
    nowMs: () => now.wall,
    monotonicMs: () => now.monotonic,
    after: (_, callback) => {
      callback();
      return () => undefined;
    },
    every: () => undefined,
  };
  const { strike, platform, deeds } = rankOne({ ...nodePlatform(), clock });
  await strike('skew-clock');
  expect([platform.clock.nowMs(), platform.clock.monotonicMs()]).toEqual([3_601_000, 3_600_010]);
  await new Promise<void>((resolve) => platform.clock.after(50, resolve));
  expect([platform.clock.nowMs(), platform.clock.monotonicMs()]).toEqual([7_201_000, 7_200_010]);
  expect(deeds).toEqual(['3600000 ms ahead', '7200000 ms ahead']);
  expect(clock.nowMs()).toBe(1000);
});

test('a rank with a skewed clock gives a barrier up as soon as it has to wait', async () => {
  const { strike, platform, run } = rankOne();
  const own = barrierOf(platform, run, 1);
  await strike('skew-clock');
  await expect(own.wait('first')).rejects.toMatchObject({ code: 'CKPT_BARRIER_TIMEOUT' });
  own.close();
});

import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { watchForStall } from '../../../launcher/diagnosis/stall-watch.ts';
import type { StopReason } from '../../../launcher/group/rank-group.ts';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { arrivalOf } from '../../shared/policy/diagnosis/hang-evidence.ts';
import { leaveBarrier, put } from './barrier-remains.ts';

interface Scene {
  readonly run: RunDirectory;
  /** Lets so many looks happen, a quarter of a second apart, and gives what came of them. */
  looks(count: number, atEach?: (look: number) => void): readonly StopReason[];
  /** CPU time of rank 0 in all, in hundredths of a second. */
  ticks: number;
  suspend(ms: number): void;
}

/** Two ranks, a quiet limit of one second and a hard one of ten. */
function scene(dead: readonly number[] = []): Scene {
  const run = runDirectory(temporaryDirectory());
  const real = nodePlatform();
  let nowMs = 0;
  let next: (() => void) | undefined;
  const self = { ticks: 0 };
  const after = (_delayMs: number, action: () => void): (() => void) => {
    next = action;
    return () => {
      next = undefined;
    };
  };
  const stat = (): string => `7 (node) S ${'0 '.repeat(10)}${self.ticks} 0 ${'0 '.repeat(30)}`;
  const readTextIfAny = (path: string): string | undefined =>
    path === '/proc/7/stat' ? stat() : path.startsWith('/proc/') ? undefined : real.disk.readTextIfAny(path);
  const clock = { ...real.clock, monotonicMs: () => nowMs, nowMs: () => nowMs, after };
  const platform: Platform = { ...real, clock, disk: { ...real.disk, readTextIfAny } };
  const stops: StopReason[] = [];
  const hosts = [0, 1].map((rank) => ({
    ...{ rank, pid: rank === 0 ? 7 : null, signal: () => undefined },
    exited: new Promise<never>(() => undefined),
  }));
  for (const { rank } of hosts) put(run.journal(rank), '');
  watchForStall(
    { platform, run, hosts, hardTimeoutMs: 10_000, quietMs: 1000, isAlive: ({ rank }) => !dead.includes(rank) },
    (reason) => void stops.push(reason),
  );
  return Object.assign(self, {
    run,
    suspend: (ms: number) => {
      nowMs += ms;
    },
    looks: (count: number, atEach: (look: number) => void = () => undefined) => {
      for (let look = 1; look <= count; look += 1) {
        atEach(look);
        nowMs += 250;
        next?.();
      }
      return stops;
    },
  });
}

const record = (run: RunDirectory, rank: number): void => appendFileSync(run.journal(rank), '{"atMs":1,"type":"x"}\n');

test('a run in which nobody does anything is told of once, after the quiet time', () => {
  const { looks } = scene();
  expect(looks(3)).toEqual([]);
  expect(looks(1)).toEqual([{ kind: 'stalled', without: 'progress', forMs: 1000, barrier: null }]);
  expect(looks(20)).toHaveLength(1);
});

test('a record of any rank that lives begins it anew', () => {
  const { run, looks } = scene();
  expect(looks(100, (look) => look % 3 === 0 && record(run, 1))).toEqual([]);
  expect(looks(4)).toHaveLength(1);
});

test('a rank that computes is waited for up to the hard time-out', () => {
  const watched = scene();
  const compute = (): void => {
    watched.ticks += 10;
  };
  expect(watched.looks(39, compute)).toEqual([]);
  expect(watched.looks(1, compute)).toMatchObject([{ without: 'record', forMs: 10_000 }]);
});

test('and for longer, if it writes a record now and then', () => {
  const watched = scene();
  const work = (look: number): void => {
    watched.ticks += 10;
    if (look % 30 === 0) record(watched.run, 0);
  };
  expect(watched.looks(200, work)).toEqual([]);
});

test('a heartbeat and a timer are nothing', () => {
  const watched = scene();
  expect(
    watched.looks(4, (look) => {
      if (look === 2) watched.ticks += 1;
    }),
  ).toHaveLength(1);
});

test('while ranks wait at a barrier, they are given the time to give it up', () => {
  const { run, looks } = scene();
  leaveBarrier(run, [arrivalOf(0, { timeoutMs: 5000 })]);
  expect(looks(31)).toEqual([]);
  expect(looks(1)).toMatchObject([{ without: 'progress', forMs: 8000, barrier: { sequence: 7 } }]);
});

test('a barrier at which ranks wait for ever is waited for', () => {
  const { run, looks } = scene();
  leaveBarrier(run, [arrivalOf(0, { timeoutMs: null })]);
  expect(looks(4000)).toEqual([]);
});

test('time in which nobody could look does not count', () => {
  const { looks, suspend } = scene();
  expect(looks(1)).toEqual([]);
  suspend(3_600_000);
  expect(looks(1)).toEqual([]);
  expect(looks(1)).toHaveLength(1);
});

import { expect, test } from 'vitest';
import { watchWaits } from '../../../launcher/diagnosis/wait-watch.ts';
import type { Wait } from '../../../launcher/diagnosis/waiting-line.ts';
import type { Arrival } from '../../../shared/contracts/barrier.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { arrivalOf } from '../../shared/policy/diagnosis/hang-evidence.ts';
import { leaveBarrier, put } from './barrier-remains.ts';

const MINUTE_MS = 60_000;

/** At which minutes of a wait it is told of it, while one rank of three is missing. */
function toldMinutes(
  upToMinute: number,
  hardTimeoutMs: number,
  ...arrived: readonly Pick<Arrival, 'timeoutMs'>[]
): readonly number[] {
  const run = runDirectory(temporaryDirectory());
  const real = nodePlatform();
  let nowMs = 0;
  let next: { readonly atMs: number; readonly action: () => void } | undefined;
  const after = (delayMs: number, action: () => void): (() => void) => {
    next = { atMs: nowMs + delayMs, action };
    return () => {
      next = undefined;
    };
  };
  const platform = { ...real, clock: { ...real.clock, monotonicMs: () => nowMs, nowMs: () => nowMs, after } };
  const hosts = [0, 1, 2].map((rank) => ({
    ...{ rank, pid: rank === 2 ? null : 7, signal: () => undefined },
    exited: new Promise<never>(() => undefined),
  }));
  for (const { rank } of hosts) put(run.journal(rank), '');
  leaveBarrier(
    run,
    arrived.map(({ timeoutMs }, rank) => {
      const { timeoutMs: _, ...arrival } = arrivalOf(rank, { arrivedAtMs: 0 });
      return timeoutMs === undefined ? arrival : { ...arrival, timeoutMs };
    }),
  );
  const told: Wait[] = [];
  const end = watchWaits({ platform, run, hosts, hardTimeoutMs }, (wait) => void told.push(wait));
  for (; next !== undefined && next.atMs <= upToMinute * MINUTE_MS; ) {
    const { atMs, action } = next;
    nowMs = atMs;
    action();
  }
  end();
  for (const { missing } of told) expect(missing).toMatchObject([{ rank: 2, processes: { notSeen: 'it was never started' } }]);
  return told.map(({ waitedMs }) => waitedMs / MINUTE_MS);
}

test('of a barrier without a time-out it is told whenever the wait has doubled', () => {
  expect(toldMinutes(5, MINUTE_MS, { timeoutMs: null }, { timeoutMs: null })).toEqual([1, 2, 4]);
  expect(toldMinutes(3, MINUTE_MS, {}, { timeoutMs: null })).toEqual([1, 2]);
});

test('one that gives up is the one whose time-out counts', () => {
  expect(toldMinutes(4, MINUTE_MS, { timeoutMs: null }, { timeoutMs: 4 * MINUTE_MS })).toEqual([1, 2, 3]);
});

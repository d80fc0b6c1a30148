import { expect, test } from 'vitest';
import type { Leaving, Peers } from '../../../launcher/worker/peers.ts';
import { callRoll } from '../../../launcher/worker/roll-call.ts';
import type { RunPlan } from '../../../shared/contracts/run-plan.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';

const PLAN: RunPlan = {
  ...{ format: 'ckpt-run-plan', version: 1, ckptRun: '0', runId: 'mine', attempt: 0, worldSize: 8, outputDir: '/shared/out' },
  ...{ scenarios: [], barrierTimeoutMs: 30_000, hardTimeoutMs: 0, seed: 0, faults: [] },
  output: { logFormat: 'text', quiet: false, color: false, progress: false },
};

/** Calls the roll by a clock that is as fast as its waits; ranks that are not there come after a while, or never. */
async function call(rank: number, comeAtMs: Readonly<Record<number, number>>, firstLeft?: Leaving): Promise<readonly string[]> {
  let nowMs = 0;
  const missing = (): readonly number[] =>
    Object.entries(comeAtMs).flatMap(([other, atMs]) => (atMs > nowMs ? [Number(other)] : []));
  const peers: Peers = {
    hosts: [],
    allJoined: async (limitMs) => {
      nowMs = Math.min(nowMs + limitMs, Math.max(nowMs, ...Object.values(comeAtMs)));
      return missing();
    },
    hasJoined: async (other) => !missing().includes(other),
    leaving: async () => firstLeft,
    failed: () => undefined,
    close: () => undefined,
  };
  const said: string[] = [];
  const clock = { ...nodeClock, monotonicMs: () => nowMs };
  const tell = ({ text }: { readonly text: string }): void => void said.push(`${nowMs / 1000} s: ${text}`);
  await callRoll({ clock, peers, plan: PLAN, rank, tell, isStopped: () => false });
  return said;
}

test('nothing is said of ranks that come at once', async () => {
  expect(await call(0, { 3: 1000, 7: 1500 })).toEqual([]);
});

test('rank 0 says soon, and then seldom, for whom it waits', async () => {
  expect(await call(0, { 3: 4000, 7: 12_000 })).toEqual([
    '2 s: ckpt-run: waiting for ranks 3,7 to join (6/8)',
    '10 s: ckpt-run: waiting for rank 7 to join (7/8)',
  ]);
});

test('without rank 0 the lowest rank that is there says so', async () => {
  expect(await call(1, { 0: 4000 })).toEqual([
    '2 s: ckpt-run: rank 0 has not joined (7/8 here, rank 1 the first); is --output-dir /shared/out the same directory on all hosts?',
  ]);
  expect(await call(2, { 0: 4000 })).toEqual([]);
  expect(await call(2, { 0: 4000, 1: 4000 })).toHaveLength(1);
  expect(await call(2, { 1: 4000 })).toEqual([]);
});

test('in the end the missing are named', async () => {
  await expect(call(0, { 3: Infinity, 7: Infinity })).rejects.toMatchObject({
    code: 'CKPT_BARRIER_TIMEOUT',
    message: 'rank 0: ranks 3,7 have not joined run mine within 30 s',
    hint: 'See that ranks 3,7 were started, and that /shared/out is the same directory for all ranks.',
  });
});

test('rank 0 alone says it, if it is there', async () => {
  const left: Leaving = { exit: { exitCode: 124, signal: null, startError: null }, because: null, diagnosis: null };
  expect(await call(1, { 7: Infinity }, left)).toEqual([]);
  await expect(call(1, { 7: Infinity })).rejects.toMatchObject({ message: 'rank 1: rank 7 has not joined run mine within 30 s' });
});

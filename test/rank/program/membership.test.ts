import { expect, test } from 'vitest';
import { openProcessGroup } from '../../../rank/program/membership.ts';
import type { ProcessGroup } from '../../../rank/program/process-group.ts';
import type { Json } from '../../../shared/contracts/json.ts';
import { readJournal } from '../../../shared/platform/journal-file.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { environmentIn, launchedRanks, launchedRun } from './launched.ts';

/** What every rank gets when all do the same. */
const together = <T>(ranks: readonly ProcessGroup[], meet: (group: ProcessGroup) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(ranks.map(meet));

test('all ranks get what all, or one, or a reduction of all gives', async () => {
  const { ranks } = launchedRanks(3);
  expect(ranks.map(({ rank, worldSize }) => [rank, worldSize])).toEqual([0, 1, 2].map((rank) => [rank, 3]));
  expect(await together(ranks, (group) => group.barrier('start'))).toEqual([undefined, undefined, undefined]);
  const gathered = await together(ranks, (group) => group.allGather('gather', { rank: group.rank }));
  for (const each of gathered) expect(each).toEqual([{ rank: 0 }, { rank: 1 }, { rank: 2 }]);
  expect(await together(ranks, (group) => group.broadcast('0', group.rank === 0 ? 'zero' : undefined))).toEqual(
    Array(3).fill('zero'),
  );
  expect(await together(ranks, (group) => group.broadcast('2', group.rank, { src: 2 }))).toEqual([2, 2, 2]);
  const numbers = (reduction: 'sum' | 'min' | 'max', values: readonly number[]): Promise<readonly number[]> =>
    together(ranks, (group) => group.allReduce(reduction, values[group.rank] ?? 0, reduction));
  expect(await numbers('sum', [0.1, 0.2, 0.3])).toEqual(Array(3).fill(0.1 + 0.2 + 0.3));
  expect(await numbers('min', [1, -Infinity, 3])).toEqual(Array(3).fill(-Infinity));
  expect(await numbers('max', [1, Number.NaN, 3])).toEqual(Array(3).fill(Number.NaN));
  const booleans = (reduction: 'and' | 'or', yes: number): Promise<readonly boolean[]> =>
    together(ranks, (group) => group.allReduce(reduction, group.rank < yes, reduction));
  expect([await booleans('and', 3), await booleans('and', 2)].map(([each]) => each)).toEqual([true, false]);
  expect([await booleans('or', 1), await booleans('or', 0)].map(([each]) => each)).toEqual([true, false]);
});

test('a time-out names the missing, with the line that waited and without the evidence in print', async () => {
  const { ranks } = launchedRanks(3);
  const error: unknown = await ranks[0]?.barrier('save', { timeoutMs: 40 }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'CKPT_BARRIER_TIMEOUT',
    message: 'barrier #0 "save" timed out after 0.04 s: missing ranks 1,2 (arrived: rank 0)',
    evidence: { missing: 'ranks 1,2' },
    stack: expect.stringMatching(/ranks 1,2 \(arrived: rank 0\)\n {4}at \/.*membership\.test\.ts:\d+$/),
  });
  expect(Object.keys(Object(error))).not.toContain('evidence');
});

test('ranks at different lines are told both', async () => {
  const { ranks } = launchedRanks(2);
  const [one, other] = ranks;
  const first = one?.barrier('save');
  const outcomes = await Promise.allSettled([first, other?.barrier('save')]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: {
        code: 'CKPT_BARRIER_MISMATCH',
        message: expect.stringMatching(/rank 0 at "save" \(\/.*test\.ts:\d+\), rank 1 at "save" \(\/.*test\.ts:\d+\)$/),
      },
    });
});

test('unless they do not want to be held to one line', async () => {
  const { ranks } = launchedRanks(2, { callSites: false });
  const [one, other] = ranks;
  const first = one?.barrier('save');
  await Promise.all([first, other?.barrier('save')]);
});

test('ranks that bring what cannot be reduced are named to all', async () => {
  const { ranks } = launchedRanks(3);
  const calls = ranks.map((group) =>
    (group.rank === 1 ? group.allGather('loss', 'high') : group.allReduce('loss', 1, 'sum')).catch((thrown: unknown) => thrown),
  );
  const [first, , third] = await Promise.all(calls);
  for (const error of [first, third])
    expect(error).toMatchObject({
      code: 'CKPT_BARRIER_MISMATCH',
      message: 'ranks disagree about "loss": rank 1 brought no number',
    });
});

test.for<[string, (group: ProcessGroup) => Promise<unknown>, string]>([
  ['a name', (group) => group.barrier(' '), 'the name of a barrier: got " ", expected a text that is not empty'],
  ['a time', (group) => group.barrier('a', { timeoutMs: 0 }), 'a: timeoutMs: got 0, expected milliseconds above 0'],
  ['a rank', (group) => group.broadcast('a', 1, { src: 2 }), 'a: src: got 2, expected a rank from 0 to 1'],
  ['a value', (group) => group.allGather('a', [Number.NaN]), 'a: value: got [null], expected what JSON can carry whole'],
  ['no value', (group) => group.broadcast('a'), 'a: value: got undefined, expected what JSON can carry whole'],
  ['a number', (group) => group.allReduce('a', JSON.parse('"1"'), 'sum'), 'a: value: got "1", expected a number'],
  [
    'a reduction',
    (group) => group.allReduce('a', 1, JSON.parse('"mean"')),
    'a: reduction: got "mean", expected sum or min or max or and or or',
  ],
])('%s that cannot be meant is refused before the barrier', async ([, call, message]) => {
  const { run, ranks } = launchedRanks(2);
  await expect(ranks[0] && call(ranks[0])).rejects.toMatchObject({ code: 'CKPT_USAGE', message });
  expect(readJournal(nodePlatform().disk, run.journal(0)).events.map(({ type }) => type)).toEqual(['rank:started']);
});

test('the journal of a rank is as that of a scenario', async () => {
  const { run, ranks } = launchedRanks(2);
  await together(ranks, (group) => group.barrier('only'));
  for (const group of ranks) group.close();
  const events: readonly Json[] = JSON.parse(JSON.stringify(readJournal(nodePlatform().disk, run.journal(1)).events));
  expect(events).toMatchObject([
    { type: 'rank:started', rank: 1, worldSize: 2, pid: process.pid, node: process.version },
    { type: 'barrier:arrived', sequence: 0, name: 'only', callSite: expect.stringMatching(/membership\.test\.ts:\d+$/) },
    { type: 'barrier:passed', sequence: 0, name: 'only' },
    { type: 'rank:finished' },
  ]);
});

test('a process that is no rank is told what it lacks', () => {
  const run = launchedRun();
  const environment = environmentIn(run, 1, 2);
  const refusal = (changes: Record<string, string | undefined>): unknown => {
    try {
      return openProcessGroup(nodePlatform(), { ...environment, ...changes }, {});
    } catch (thrown) {
      return thrown;
    }
  };
  const lacks = (why: string): object => ({ code: 'CKPT_USAGE', message: `this process is no rank: ${why}` });
  expect(refusal({ CKPT_RANK_RUN_DIRECTORY: undefined })).toMatchObject(lacks('CKPT_RANK_RUN_DIRECTORY is not set'));
  expect(refusal({ CKPT_RANK_RUN_DIRECTORY: '/no/run' })).toMatchObject(
    lacks('CKPT_RANK_RUN_DIRECTORY=/no/run: there is no run'),
  );
  expect(refusal({ RANK: '2' })).toMatchObject(lacks('RANK=2: expected a whole number from 0 to 1'));
  expect(refusal({ WORLD_SIZE: undefined })).toMatchObject(
    lacks('WORLD_SIZE=(unset): expected a whole number from 0 to 9007199254740990'),
  );
});

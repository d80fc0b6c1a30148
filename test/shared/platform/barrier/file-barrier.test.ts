import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../../shared/contracts/json.ts';
import { nodePlatform } from '../../../../shared/platform/platform.ts';
import type { RankProgress } from '../../../../shared/platform/rank-progress.ts';
import { meetingPlace, ranksOf, withoutWatch } from './meeting-place.ts';

test('all ranks pass together and get every payload in rank order', async () => {
  const place = meetingPlace(4);
  const ranks = ranksOf(4).map((rank) => place.join(rank));
  for (let round = 0; round < 5; round += 1) {
    const gathered = await Promise.all(
      ranks.toReversed().map((barrier, index) => barrier.wait(`round ${round}`, { from: 3 - index, round })),
    );
    for (const payloads of gathered) expect(payloads).toEqual(ranksOf(4).map((from) => ({ from, round })));
  }
});

test('nobody passes before the last has arrived', async () => {
  const place = meetingPlace(3);
  const [first, second, third] = ranksOf(3).map((rank) => place.join(rank));
  const passed: number[] = [];
  const early = [first, second].map((barrier, rank) => barrier?.wait('meet').then(() => passed.push(rank)));
  await new Promise((resolve) => setImmediate(resolve));
  expect(passed).toEqual([]);
  await Promise.all([...early, third?.wait('meet')]);
  expect(passed.toSorted()).toEqual([0, 1]);
});

test('a rank that stays away is named to every rank that came, and a rank that is late obeys', async () => {
  const place = meetingPlace(3);
  const came = [0, 2].map((rank) => place.join(rank, { timeoutMs: 150 }));
  const late = place.join(1);
  const outcomes = await Promise.allSettled(came.map((barrier) => barrier.wait('save')));
  outcomes.push(...(await Promise.allSettled([late.wait('save')])));
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CKPT_BARRIER_TIMEOUT' } });
    expect(outcome.status === 'rejected' && String(outcome.reason.message)).toContain('missing rank 1 (arrived: ranks 0,2)');
  }
  expect(place.journals.get(0)?.at(-1)).toMatchObject({ type: 'barrier:aborted', reason: 'timeout', missing: [1] });
});

test('a rank may be patient at one barrier and not at the next', async () => {
  const place = meetingPlace(2);
  const [rank, other] = ranksOf(2).map((each) => place.join(each, { timeoutMs: 60_000 }));
  await Promise.all([rank?.wait('start'), other?.wait('start')]);
  await expect(rank?.within(50).wait('save')).rejects.toMatchObject({
    code: 'CKPT_BARRIER_TIMEOUT',
    evidence: { sequence: 1, name: 'save', timeoutMs: 50, missing: 'rank 1' },
  });
});

describe('while a missing rank gets on', () => {
  /** Gets on at each look, so often. */
  const progress = (times: number): RankProgress => {
    let looks = 0;
    const look = (): number => {
      looks += 1;
      return Math.min(looks, times);
    };
    return { of: (rank) => (rank === 1 ? look() : 0) };
  };

  test('the barrier waits for it beyond the time-out', async () => {
    const place = meetingPlace(2);
    const waiting = place
      .join(0, { timeoutMs: 200, hardTimeoutMs: 60_000, progress: progress(Number.POSITIVE_INFINITY) })
      .wait('save');
    await new Promise((resolve) => setTimeout(resolve, 800));
    await Promise.all([waiting, place.join(1).wait('save')]);
  });

  test('but not beyond the hard one', async () => {
    const patience = { timeoutMs: 200, hardTimeoutMs: 600, progress: progress(Number.POSITIVE_INFINITY) };
    await expect(meetingPlace(2).join(0, patience).wait('save')).rejects.toMatchObject({
      code: 'CKPT_BARRIER_TIMEOUT',
      evidence: { timeoutMs: 600, missing: 'rank 1' },
      message: expect.stringContaining(
        'timed out after 0.6 s, the hard time-out (0.2 s, extended while missing ranks got on): missing rank 1',
      ),
    });
  });

  test('but not for another one that does not', async () => {
    const patience = { timeoutMs: 400, hardTimeoutMs: 60_000, progress: progress(Number.POSITIVE_INFINITY) };
    await expect(meetingPlace(3).join(0, patience).wait('save')).rejects.toMatchObject({
      evidence: { timeoutMs: 400, missing: 'ranks 1,2' },
    });
  });

  test('and gives up when it no longer does', async () => {
    const patience = { timeoutMs: 200, hardTimeoutMs: 60_000, progress: progress(3) };
    await expect(meetingPlace(2).join(0, patience).wait('save')).rejects.toMatchObject({
      evidence: { timeoutMs: 200, decidedBy: 0 },
      message: expect.stringContaining('timed out after 0.2 s: missing rank 1'),
    });
  });
});

describe('how long was waited is said', () => {
  /** A wait of a minute at most, of which the file system says that it took so long. */
  const says = async (tookMs: number, aheadMs: number): Promise<string> => {
    const platform = nodePlatform();
    const startedAtMs = platform.clock.monotonicMs();
    let isLater = false;
    const after = (delayMs: number, action: () => void): (() => void) => {
      isLater = true;
      return platform.clock.after(Math.min(delayMs, 10), action);
    };
    const clock = { ...platform.clock, after, monotonicMs: () => startedAtMs + (isLater ? aheadMs : 0) };
    const changedAtMs = (path: string): number => (path.endsWith('-now') ? tookMs : 0);
    const disk = { ...platform.disk, changedAtMs };
    const rank = meetingPlace(2).join(0, { platform: { ...platform, clock, disk }, timeoutMs: 60_000 });
    return rank.wait('save').then(String, (thrown: Error) => thrown.message);
  };

  test('as the time-out when it was that', async () => expect(await says(60_400, 60_001)).toContain('timed out after 60 s: '));
  test('as it was when missing ranks got on', async () =>
    expect(await says(71_500, 60_001)).toContain('timed out after 71.5 s (60 s, extended while missing ranks got on): '));
  test('as it was when a clock is wrong', async () =>
    expect(await says(24, 60_001)).toContain(
      'timed out after 24 ms, before its time-out of 60 s was over by the clock of the file system: missing rank 1',
    ));
});

test('what ranks brought does not stand in the error of each of them', async () => {
  const place = meetingPlace(3);
  const waits = [0, 1].map((rank) => place.join(rank, { timeoutMs: 50 }).wait('save', 'x'.repeat(1000)));
  for (const outcome of await Promise.allSettled(waits)) {
    expect(outcome.status === 'rejected' && JSON.stringify(outcome.reason.evidence).length).toBeLessThan(200);
  }
});

test('ranks at different barriers are told both names at once', async () => {
  const place = meetingPlace(2);
  const [one, other] = ranksOf(2).map((rank) => place.join(rank, { timeoutMs: 60_000 }));
  const outcomes = await Promise.allSettled([one?.wait('save@25'), other?.wait('evaluate@50')]);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CKPT_BARRIER_MISMATCH' } });
    const message = outcome.status === 'rejected' ? String(outcome.reason.message) : '';
    expect(message).toContain('save@25');
    expect(message).toContain('evaluate@50');
  }
});

test('the second to arrive at another barrier than the first says so, whoever is still missing', async () => {
  const place = meetingPlace(8);
  const early = place.join(6, { timeoutMs: 60_000 }).wait('save@25');
  const later = place.join(3, { timeoutMs: 60_000 }).wait('evaluate@50');
  const evidence = { missing: 'ranks 0-2,4,5,7', reason: 'mismatch' };
  for (const rank of [early, later]) await expect(rank).rejects.toMatchObject({ code: 'CKPT_BARRIER_MISMATCH', evidence });
  await expect(place.join(0, { timeoutMs: 60_000 }).wait('save@25')).rejects.toMatchObject({ evidence });
});

test('ranks at one barrier that were not given the same are told what differs', async () => {
  const place = meetingPlace(2);
  const waits = ['steps 1, mode min', 'steps 2, mode min'].map((given, rank) => place.join(rank).wait('start', null, given));
  for (const outcome of await Promise.allSettled(waits)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CKPT_BARRIER_MISMATCH' } });
    const message = outcome.status === 'rejected' ? String(outcome.reason.message) : '';
    expect(message).toBe('ranks disagree about barrier #0: rank 0 at "start" with steps 1, rank 1 at "start" with steps 2');
  }
});

test('two processes that are one rank are found', async () => {
  const place = meetingPlace(2);
  const rank = place.join(0);
  const pretender = place.join(0, { platform: { ...nodePlatform(), pid: 1 } });
  const waiting = rank.wait('start');
  await expect(pretender.wait('start')).rejects.toMatchObject({ code: 'CKPT_RANK_DUPLICATED' });
  await Promise.all([waiting, place.join(1).wait('start')]);
});

test('when the last to arrive dies before it decides, the others decide', async () => {
  const place = meetingPlace(2);
  const survivor = place.join(0);
  const waiting = survivor.wait('start', 'here');
  const platform = nodePlatform();
  const killed = (): boolean => {
    throw new Error('killed');
  };
  const disk = {
    ...platform.disk,
    linkIfFree: (from: string, to: string) => (to.includes('decisions') ? killed() : platform.disk.linkIfFree(from, to)),
  };
  const dying = { ...platform, disk };
  await expect(place.join(1, { platform: dying }).wait('start', 'gone')).rejects.toThrow('killed');
  expect(await waiting).toEqual(['here', 'gone']);
});

test('where the system reports no changes, waiting polls', async () => {
  const place = meetingPlace(3);
  const ranks = ranksOf(3).map((rank) => place.join(rank, { platform: withoutWatch() }));
  for (const name of ['a', 'b', 'c']) {
    expect(await Promise.all(ranks.map((barrier, rank) => barrier.wait(name, rank)))).toEqual(ranks.map(() => [0, 1, 2]));
  }
});

const PAYLOADS: readonly Json[] = [
  'ä€🙂'.repeat(50),
  'plain',
  { schlüssel: ['größer', 'kleiner'] },
  'x'.repeat(100_000),
  '',
  null,
  'é',
];

test('payloads of every size and script arrive whole, though files are written again', async () => {
  const place = meetingPlace(2);
  const ranks = ranksOf(2).map((rank) => place.join(rank));
  for (const payload of [...PAYLOADS, ...PAYLOADS.toReversed()]) {
    const gathered = await Promise.all(ranks.map((barrier) => barrier.wait('größe/../%?"', payload)));
    expect(gathered).toEqual([[payload, payload], [payload, payload]]); // biome-ignore format: short
  }
});

test('finished barriers are removed as the run goes', async () => {
  const place = meetingPlace(2);
  const ranks = ranksOf(2).map((rank) => place.join(rank));
  for (let round = 0; round < 70; round += 1) await Promise.all(ranks.map((barrier) => barrier.wait(`${round}`)));
  const names = readdirSync(place.directory, { recursive: true, encoding: 'utf8' }).filter((name) => /\d{6}/.test(name));
  expect(names.length).toBeGreaterThan(0);
  expect(names.length).toBeLessThanOrEqual(6 + 34);
  expect(existsSync(join(place.directory, 'decisions', '000069.json'))).toBe(true);
});

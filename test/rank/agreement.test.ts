import { expect, test } from 'vitest';
import { type Meeting, openAgreement } from '../../rank/agreement.ts';
import { openDoing } from '../../rank/doing.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import type { Json } from '../../shared/contracts/json.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { meetingPlace } from './meeting-place.ts';

const COUNTING: Meeting<number> = {
  name: 'count',
  blame: { code: 'CKPT_RANK_FAILED', hint: 'Count again.' },
  accepts: (value: Json): value is number => typeof value === 'number',
};

/** Lets every rank do its part and meet the others. */
const meet = (parts: readonly (() => number | Promise<number>)[]): Promise<PromiseSettledResult<readonly number[]>[]> => {
  const barriers = meetingPlace(parts.length);
  return Promise.allSettled(
    parts.map((part, rank) => {
      const barrier = barriers[rank];
      if (barrier === undefined) throw new RangeError(`no rank ${rank}`);
      return openAgreement(barrier, openDoing(nodePlatform().clock)).agree(COUNTING, part);
    }),
  );
};

const fail = (message: string) => (): number => {
  throw new RangeError(message);
};

test('every rank gets the results of all in rank order', async () => {
  const results = await meet([() => 1, () => 2, async () => 3]);
  expect(results).toEqual([1, 2, 3].map(() => ({ status: 'fulfilled', value: [1, 2, 3] })));
});

test('a failure reaches the barrier first, and then all ranks throw it, with the rank that failed', async () => {
  const results = await meet([() => 1, fail('too many'), () => 3]);
  for (const result of results) {
    expect(result).toMatchObject({
      status: 'rejected',
      reason: {
        name: 'CkptError',
        code: 'CKPT_RANK_FAILED',
        message: 'rank 1: too many',
        hint: 'Count again.',
        evidence: { rank: 1, barrier: 'count' },
        stack: expect.stringMatching(/RangeError: too many\n.*agreement\.test/s),
      },
    });
  }
});

test('of several failures all ranks throw that of the lowest rank', async () => {
  const results = await meet([() => 1, fail('second'), fail('third')]);
  expect(results.map((result) => (result.status === 'rejected' ? result.reason : result))).toMatchObject(
    [1, 2, 3].map(() => ({ message: 'rank 1: second' })),
  );
});

test('an error of ours keeps its code and hint', async () => {
  const ours = new CkptError('disk full', { code: 'CKPT_CHECKPOINT_WRITE_FAILED', hint: 'Make room.' });
  const [result] = await meet([
    () => {
      throw ours;
    },
  ]);
  expect(result).toMatchObject({
    reason: { code: 'CKPT_CHECKPOINT_WRITE_FAILED', hint: 'Make room.', message: 'rank 0: disk full' },
  });
});

test('a result of another kind is a disagreement of versions, and names the rank', async () => {
  const wrong = 'seven' as unknown as number;
  const [result] = await meet([() => 1, () => wrong]);
  expect(result).toMatchObject({
    reason: { code: 'CKPT_INTERNAL', message: expect.stringMatching(/^rank 1 brought something else/) },
  });
});

test('what fails between two meetings is told at the next one, the first failure if there are several', async () => {
  const [first, second] = meetingPlace(2).map((barrier) => openAgreement(barrier, openDoing(nodePlatform().clock)));
  if (first === undefined || second === undefined) throw new RangeError('a world of two');
  for (const message of ['cannot delete', 'cannot list']) {
    second.alone({ code: 'CKPT_CHECKPOINT_WRITE_FAILED', hint: 'Make room.' }, fail(message));
  }
  let isDone = false;
  const work = (): number => {
    isDone = true;
    return 2;
  };
  const results = await Promise.allSettled([first.agree(COUNTING, () => 1), second.agree(COUNTING, work)]);
  for (const result of results) {
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { code: 'CKPT_CHECKPOINT_WRITE_FAILED', message: 'rank 1: cannot delete', hint: 'Make room.' },
    });
  }
  expect(isDone).toBe(false);
});

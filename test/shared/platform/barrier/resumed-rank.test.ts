import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type MeetingPlace, meetingPlace, ranksOf } from './meeting-place.ts';

/** Rank 0 at one barrier, by a process that does nothing else. */
async function meetOnce(place: MeetingPlace, name: string, timeoutMs = 10_000): Promise<unknown> {
  const barrier = place.join(0, { resumes: true, timeoutMs });
  try {
    return await barrier.wait(name, name);
  } finally {
    barrier.close();
  }
}

const filesIn = (place: MeetingPlace): readonly string[] =>
  readdirSync(place.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name).slice(place.directory.length + 1))
    .sort();

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

test('processes that are one rank by turns go on where the last one ended, and leave no more than one process', async () => {
  const place = meetingPlace(2);
  const other = place.join(1, { resumes: true });
  for (const name of ['a', 'b', 'a', 'c', 'd'])
    expect(await Promise.all([meetOnce(place, name), other.wait(name)])).toEqual([
      [name, null],
      [name, null],
    ]);
  other.close();
  expect(place.journals.get(0)).toMatchObject([{ sequence: 4, name: 'd' }, { sequence: 4 }]);
  expect(filesIn(place)).toEqual([
    ...['arrivals-0/000003-rank-0', 'arrivals-0/000003-rank-1', 'arrivals-1/000004-rank-0', 'arrivals-1/000004-rank-1'],
    ...['decisions/000003.json', 'decisions/000004.json'],
  ]);
});

test('one that comes after a barrier was given up is told so', async () => {
  const place = meetingPlace(2);
  const missing = { code: 'CKPT_BARRIER_TIMEOUT', evidence: { sequence: 0, name: 'a', missing: 'rank 1' } };
  await expect(meetOnce(place, 'a', 50)).rejects.toMatchObject(missing);
  expect(thrownBy(() => place.join(0, { resumes: true }))).toMatchObject(missing);
});

test('so is the next call in the same process, whose arrival would keep nobody company', async () => {
  const place = meetingPlace(2);
  const barrier = place.join(0, { resumes: true, timeoutMs: 50 });
  const outcomes = await Promise.allSettled([barrier.wait('a'), barrier.wait('b')]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CKPT_BARRIER_TIMEOUT', evidence: { name: 'a' } } });
  expect(filesIn(place).filter((file) => file.startsWith('arrivals'))).toEqual(['arrivals-0/000000-rank-0']);
});

test('one that comes while another process of the rank waits is refused', async () => {
  const place = meetingPlace(2);
  const waiting = place.join(0).wait('a');
  await new Promise((resolve) => setImmediate(resolve));
  expect(thrownBy(() => place.join(0, { resumes: true }))).toMatchObject({ code: 'CKPT_RANK_DUPLICATED' });
  await Promise.all([waiting, place.join(1).wait('a')]);
});

test('who does not say where its program is meets ranks that do, as long as those agree', async () => {
  const meet = (...callSites: readonly (string | undefined)[]) => {
    const place = meetingPlace(callSites.length);
    return Promise.allSettled(
      ranksOf(callSites.length).map((rank) => {
        const callSite = callSites[rank];
        return place.join(rank, callSite === undefined ? {} : { callSite }).wait('save');
      }),
    );
  };
  const statuses = async (...callSites: readonly (string | undefined)[]): Promise<readonly string[]> => [
    ...new Set((await meet(...callSites)).map(({ status }) => status)),
  ];
  expect(await statuses(undefined, 'a.mjs:1', undefined, 'a.mjs:1')).toEqual(['fulfilled']);
  expect(await statuses(undefined, 'a.mjs:1', 'a.mjs:2')).toEqual(['rejected']);
  const [first] = await meet('a.mjs:1', 'a.mjs:2');
  expect(first).toMatchObject({
    reason: {
      message: 'ranks disagree about barrier #0: rank 0 at "save" (a.mjs:1), rank 1 at "save" (a.mjs:2)',
      hint: expect.stringContaining('callSites: false'),
    },
  });
});

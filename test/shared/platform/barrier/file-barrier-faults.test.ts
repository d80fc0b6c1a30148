import { readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Disk } from '../../../../shared/platform/disk.ts';
import { nodePlatform, type Platform } from '../../../../shared/platform/platform.ts';
import { meetingPlace, ranksOf } from './meeting-place.ts';

const { disk } = nodePlatform();

const withDisk = (changes: Partial<Disk>): Platform => ({ ...nodePlatform(), disk: { ...disk, ...changes } });

test('a file system that denies what has just appeared only costs time', async () => {
  const platform = withDisk({ kindOf: () => 'nothing' });
  const place = meetingPlace(2);
  const ranks = ranksOf(2).map((rank) => place.join(rank, { platform }));
  expect(await Promise.all(ranks.map((barrier, rank) => barrier.wait('start', rank)))).toEqual([[0, 1], [0, 1]]); // biome-ignore format: short
});

test('a listing that is ahead of the files is believed when they can be read', async () => {
  let denials = 1;
  const readTextIfAny = (path: string): string | undefined =>
    path.endsWith('rank-0') && denials-- === 1 ? undefined : disk.readTextIfAny(path);
  const place = meetingPlace(2);
  const ranks = ranksOf(2).map((rank) => place.join(rank, { platform: withDisk({ readTextIfAny }) }));
  expect(await Promise.all(ranks.map((barrier, rank) => barrier.wait('start', rank)))).toEqual([[0, 1], [0, 1]]); // biome-ignore format: short
  expect(denials).toBeLessThan(1);
});

test('reports of changes may get lost', async () => {
  const platform = withDisk({ watch: () => ({ close: () => undefined }) });
  const place = meetingPlace(2);
  const ranks = ranksOf(2).map((rank) => place.join(rank, { platform }));
  expect(await Promise.all(ranks.map((barrier, rank) => barrier.wait('start', rank)))).toEqual([[0, 1], [0, 1]]); // biome-ignore format: short
});

test('reports may come without a name, and for other names', async () => {
  const watch: Disk['watch'] = (path, onChange) =>
    disk.watch(path, () => {
      onChange('unrelated');
      onChange(null);
    });
  const place = meetingPlace(3);
  const ranks = ranksOf(3).map((rank) => place.join(rank, { platform: withDisk({ watch }) }));
  for (const name of ['a', 'b', 'c'])
    expect(await Promise.all(ranks.map((barrier, rank) => barrier.wait(name, rank)))).toEqual(ranks.map(() => [0, 1, 2]));
});

test('a link that was made though the answer says otherwise is recognised as ours', async () => {
  let lies = 1;
  const linkIfFree = (from: string, to: string): boolean => disk.linkIfFree(from, to) && lies-- <= 0;
  const place = meetingPlace(2);
  const ranks = [place.join(0, { platform: withDisk({ linkIfFree }) }), place.join(1)];
  expect(await Promise.all(ranks.map((barrier, rank) => barrier.wait('start', rank)))).toEqual([[0, 1], [0, 1]]); // biome-ignore format: short
});

test('who gives up obeys when the others were faster to open', async () => {
  const place = meetingPlace(2);
  const open = { sequence: 0, name: 'start', outcome: 'open', decidedBy: 1, payloads: ['here', 'just in time'] };
  const linkIfFree = (from: string, to: string): boolean => {
    if (to.endsWith('000000.json')) writeFileSync(to, JSON.stringify(open));
    return disk.linkIfFree(from, to);
  };
  const giver = place.join(0, { platform: withDisk({ linkIfFree }), timeoutMs: 1 });
  expect(await giver.wait('start', 'here')).toEqual(['here', 'just in time']);
  expect(place.journals.get(0)?.at(-1)).toMatchObject({ type: 'barrier:passed', sequence: 0 });
});

test('a second process of a rank that comes when the first barriers are gone is found', async () => {
  const place = meetingPlace(2);
  const ranks = ranksOf(2).map((rank) => place.join(rank));
  for (let round = 0; round < 6; round += 1) await Promise.all(ranks.map((barrier) => barrier.wait(`${round}`)));
  await expect(place.join(0).wait('0')).rejects.toMatchObject({
    code: 'CKPT_RANK_DUPLICATED',
    message: 'rank 0 arrived at barrier #0 "0" after the attempt had decided barrier #5: another process has been this rank',
  });
});

test('calls that overlap take turns', async () => {
  const place = meetingPlace(2);
  const ranks = ranksOf(2).map((rank) => place.join(rank));
  const names = ['a', 'b', 'c', 'd'];
  const gathered = await Promise.all(
    ranks.map((barrier, rank) => Promise.all(names.map((name) => barrier.wait(name, [rank, name])))),
  );
  for (const each of gathered) expect(each).toEqual(names.map((name) => [[0, name], [1, name]])); // biome-ignore format: short
});

test('ranks that go on after an abort meet again, even one that slept through it', async () => {
  const place = meetingPlace(3);
  const quick = [0, 1].map((rank) => place.join(rank, { timeoutMs: 30 }));
  const slow = place.join(2);
  for (const name of ['a', 'b', 'c', 'd']) await Promise.allSettled(quick.map((barrier) => barrier.wait(name)));
  for (const name of ['a', 'b', 'c', 'd']) await expect(slow.wait(name)).rejects.toThrow(`"${name}" timed out`);
  const patient = [0, 1].map((rank) => quick[rank]?.wait('e', rank));
  const outcomes = await Promise.allSettled([...patient, slow.wait('e', 2)]);
  expect(new Set(outcomes.map(({ status }) => status)).size).toBe(1);
});

test('only the last barriers stay on the disk, and few files to write again', async () => {
  const place = meetingPlace(3);
  const ranks = ranksOf(3).map((rank) => place.join(rank));
  for (let round = 0; round < 30; round += 1)
    await Promise.all(ranks.map((barrier) => barrier.wait(`${round}`, round === 20 ? 'x'.repeat(10_000) : null)));
  const names = (path: string): readonly string[] => readdirSync(`${place.directory}/${path}`).toSorted();
  expect(names('decisions').at(-1)).toBe('000029.json');
  expect([...names('arrivals-0'), ...names('arrivals-1'), ...names('arrivals-2')].every((name) => name >= '000027')).toBe(true);
  expect(names('decisions').every((name) => name >= '000027')).toBe(true);
  expect(names('tmp').length).toBeLessThan(20);
});

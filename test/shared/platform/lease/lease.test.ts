import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { refuseLiveHolder } from '../../../../shared/platform/lease/lease.ts';
import { deadHolder, type LeaseDirectory, leaseDirectory, PLATFORM, SELF } from './lease-directory.ts';

let directory = '';
let told: readonly string[] = [];
let take: LeaseDirectory['take'];
let held: LeaseDirectory['held'];

beforeEach(() => {
  ({ directory, told, take, held } = leaseDirectory());
});

const inUse = (who: string): unknown =>
  expect.objectContaining({
    code: 'CKPT_OUTPUT_IN_USE',
    message: expect.stringMatching(new RegExp(`^--output-dir \\S+: another ckpt-run${who} is using this directory$`)),
  });

test('a lease leaves a record of its owner, and nothing once it is given back', async () => {
  const lease = await take();
  expect(JSON.parse(readFileSync(join(directory, 'lease.owner.json'), 'utf8'))).toMatchObject({
    pid: process.pid,
    host: SELF.host,
  });
  await lease.release();
  expect(readdirSync(directory)).toEqual([]);
  await (await take()).release();
  expect(told).toEqual([]);
});

test('a lease that is held is refused with its holder, before anything is written', async () => {
  const lease = await take();
  const before = readFileSync(join(directory, 'lease.owner.json'), 'utf8');
  const holder = `, pid ${process.pid} on host ${SELF.host},`;
  expect(() => refuseLiveHolder(PLATFORM, directory)).toThrow(inUse(holder));
  await expect(take()).rejects.toEqual(inUse(holder));
  expect(readFileSync(join(directory, 'lease.owner.json'), 'utf8')).toBe(before);
  expect(lease.isHeld()).toBe(true);
  await lease.release();
  expect(() => refuseLiveHolder(PLATFORM, directory)).not.toThrow();
});

describe('a holder that is dead is replaced at once, with one line:', () => {
  test.for<[string, () => object]>([
    ['its process is gone', () => deadHolder()],
    ['its pid is that of a younger process', () => ({ ...SELF, startTicks: 1 })],
    ['the machine was started again', () => ({ ...SELF, bootId: 'another' })],
  ])('%s', async ([, holder]) => {
    held(holder());
    expect(() => refuseLiveHolder(PLATFORM, directory)).not.toThrow();
    const lease = await take();
    expect(told).toEqual([expect.stringMatching(/^taking over \S+: its holder, pid \d+, is dead$/)]);
    await lease.release();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a holder of which nothing can be known', () => {
  const far = { ...SELF, host: 'elsewhere', token: 'far' };

  test('keeps its lease while its lock is young', async () => {
    held(far);
    await expect(take()).rejects.toEqual(inUse(`, pid ${process.pid} on host elsewhere,`));
    expect(readdirSync(directory).sort()).toEqual(['lease.lock', 'lease.owner.json']);
  });

  test('loses it when its lock has not been renewed for long', async () => {
    held(far, 10 * 60_000);
    await (await take()).release();
    expect(told).toEqual([expect.stringMatching(/^taking over \S+: its holder, pid \d+, has not renewed its lease for 60 s$/)]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('keeps it before it has made its lock, while its record is young', async () => {
    held(far);
    rmdirSync(join(directory, 'lease.lock'));
    await expect(take()).rejects.toEqual(inUse(`, pid ${process.pid} on host elsewhere,`));
    expect(readdirSync(directory)).toEqual(['lease.owner.json']);
  });

  test('is refused before anything is written while its record or its lock is young, and not when both are old', () => {
    const minutes = (many: number): Date => new Date(Date.now() - many * 60_000);
    held(far, 10 * 60_000);
    expect(() => refuseLiveHolder(PLATFORM, directory)).not.toThrow();
    for (const young of ['lease.lock', 'lease.owner.json']) {
      utimesSync(join(directory, young), minutes(0), minutes(0));
      expect(() => refuseLiveHolder(PLATFORM, directory)).toThrow(inUse(`, pid ${process.pid} on host elsewhere,`));
      utimesSync(join(directory, young), minutes(10), minutes(10));
    }
  });

  test('is not named when its record cannot be read', async () => {
    held({ torn: true });
    await expect(take()).rejects.toEqual(inUse(''));
  });
});

test('a record without a lock is what a release was interrupted in, and nobody holds it', async () => {
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify(deadHolder()));
  await (await take()).release();
  expect(readdirSync(directory)).toEqual([]);
});

test('a lease that somebody else has taken over meanwhile is left to them', async () => {
  const lease = await take();
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify({ ...SELF, token: 'theirs' }));
  expect(lease.isHeld()).toBe(false);
  await lease.release();
  expect(readdirSync(directory).sort()).toEqual(['lease.lock', 'lease.owner.json']);
});

test('a record that somebody replaces before the lock is made is nobody’s to lock', async () => {
  const linkIfFree = (existing: string, path: string): boolean => {
    const isPlaced = PLATFORM.disk.linkIfFree(existing, path);
    writeFileSync(path, JSON.stringify({ ...SELF, token: 'theirs' }));
    return isPlaced;
  };
  const slow = leaseDirectory({ linkIfFree });
  await expect(slow.take()).rejects.toEqual(inUse(`, pid ${process.pid} on host ${SELF.host},`));
  expect(readdirSync(slow.directory)).toEqual(['lease.owner.json']);
});

test('a holder that is dead is told apart by its run, and one of which nothing is known is not', async () => {
  const first = leaseDirectory();
  first.held({ ...deadHolder(), runId: 'theirs' });
  mkdirSync(join(first.directory, 'theirs'));
  await (await first.take()).release();
  expect(first.dead).toEqual(['theirs']);
  expect(first.told).toEqual([expect.stringMatching(/, is dead; what its run left is in \S+\/\.ckpt-run\/theirs$/)]);

  const second = leaseDirectory();
  second.held({ ...deadHolder(), host: 'elsewhere', runId: 'theirs' }, 10 * 60_000);
  await (await second.take()).release();
  expect(second.dead).toEqual([]);
});

test.for(['', '..', 'a/b'])('a record with the run id %j is nobody’s', async (runId) => {
  held({ ...deadHolder(), runId });
  await expect(take()).rejects.toEqual(inUse(''));
});

test('a lease whose lock somebody removed is lost', async () => {
  const lease = await take();
  rmdirSync(join(directory, 'lease.lock'));
  expect(lease.isHeld()).toBe(false);
  await lease.release();
  expect(readdirSync(directory)).toEqual([]);
});

test('a holder that is alive keeps its lease without a lock, for it may be about to make it', async () => {
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify(SELF));
  await expect(take()).rejects.toEqual(inUse(`, pid ${process.pid} on host ${SELF.host},`));
});

test('a record that is a link to nowhere is nobody knows whose', async () => {
  symlinkSync('nowhere', join(directory, 'lease.owner.json'));
  await expect(take()).rejects.toEqual(inUse(''));
  expect(readdirSync(directory)).toEqual(['lease.owner.json']);
});

test('a lock without a record is held by nobody knows whom', async () => {
  held({});
  rmSync(join(directory, 'lease.owner.json'));
  await expect(take()).rejects.toEqual(inUse(''));
  expect(readdirSync(directory)).toEqual(['lease.lock']);
});

test('a rank that cannot be written down costs no descriptor', async () => {
  const closed: string[] = [];
  const full = leaseDirectory({
    openAppend: (path) => ({
      ...{ descriptor: 0, size: () => 0, close: () => void closed.push(path) },
      append: () => {
        throw new Error('no space left');
      },
    }),
  });
  const lease = await full.take();
  lease.noteRank(0, process.pid);
  expect(closed).toEqual([join(full.directory, 'lease.ranks.jsonl')]);
  await lease.release();
});

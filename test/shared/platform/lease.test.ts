import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Lease, refuseLiveHolder, takeLease } from '../../../shared/platform/lease.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { processIdentity } from '../../../shared/platform/process-identity.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const SELF = { ...processIdentity(nodePlatform()), token: 'somebody' };

let directory = '';
let told: string[] = [];

beforeEach(() => {
  directory = join(temporaryDirectory(), '.ckpt-run');
  mkdirSync(directory);
  told = [];
});

const take = (): Promise<Lease> =>
  takeLease(nodePlatform(), directory, { takeover: (line) => told.push(line), lost: (error) => told.push(error.message) });

/** Puts down what a holder leaves in the directory while it holds. */
function held(holder: object, ageMs = 0): void {
  const lock = join(directory, 'lease.lock');
  mkdirSync(lock);
  const at = new Date(Date.now() - ageMs);
  utimesSync(lock, at, at);
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify(holder));
}

const deadPid = (): number => spawnSync('true').pid;

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
  expect(() => refuseLiveHolder(nodePlatform(), directory)).toThrow(inUse(holder));
  await expect(take()).rejects.toEqual(inUse(holder));
  expect(readFileSync(join(directory, 'lease.owner.json'), 'utf8')).toBe(before);
  await lease.release();
  expect(() => refuseLiveHolder(nodePlatform(), directory)).not.toThrow();
});

describe('a holder that is dead is replaced at once, with one line:', () => {
  test.for<[string, () => object]>([
    ['its process is gone', () => ({ ...SELF, pid: deadPid() })],
    ['its pid is that of a younger process', () => ({ ...SELF, startTicks: 1 })],
    ['the machine was started again', () => ({ ...SELF, bootId: 'another' })],
  ])('%s', async ([, holder]) => {
    held(holder());
    expect(() => refuseLiveHolder(nodePlatform(), directory)).not.toThrow();
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
    expect(readdirSync(directory)).toEqual([]);
  });

  test('is not named when its record cannot be read', async () => {
    held({ torn: true });
    await expect(take()).rejects.toEqual(inUse(''));
  });
});

test('a record without a lock is what a release was interrupted in, and nobody holds it', async () => {
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify({ ...SELF, pid: deadPid() }));
  await (await take()).release();
  expect(readdirSync(directory)).toEqual([]);
});

test('a lease that somebody else has taken over meanwhile is left to them', async () => {
  const lease = await take();
  writeFileSync(join(directory, 'lease.owner.json'), JSON.stringify({ ...SELF, token: 'theirs' }));
  await lease.release();
  expect(readdirSync(directory).sort()).toEqual(['lease.lock', 'lease.owner.json']);
});

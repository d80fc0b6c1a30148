import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processIdentity } from '../../../../shared/platform/process-identity.ts';
import { isRunning } from '../../../e2e/live-run.ts';
import { deadHolder, leaseDirectory, PLATFORM, SELF } from './lease-directory.ts';

/** The record of a contender that claimed the right to replace somebody. */
const claim = (directory: string, token: string, holder: object): void =>
  writeFileSync(join(directory, `lease.claim.${token}.json`), JSON.stringify(holder));

test('a contender that died while it took over is replaced, and one that replaced that one, too', async () => {
  const { directory, held, take, told } = leaseDirectory();
  held(deadHolder('first'));
  claim(directory, 'first', deadHolder('second'));
  claim(directory, 'second', deadHolder('third'));
  const lease = await take();
  expect(told).toEqual([expect.stringMatching(/^taking over /)]);
  await lease.release();
  expect(readdirSync(directory)).toEqual([]);
});

test('what a contender left that died after it had taken over is cleared away', async () => {
  const { directory, held, take } = leaseDirectory();
  held(deadHolder('second'));
  claim(directory, 'first', deadHolder('second'));
  await (await take()).release();
  expect(readdirSync(directory)).toEqual([]);
});

test('what a process left that died before a file was in its place goes with whoever takes the lease, and with whoever gives it back', async () => {
  const { directory, take } = leaseDirectory();
  const leave = (): void => {
    for (const name of ['lease.made.tmp-1', 'lease.owner.json.tmp-2', 'lease.claim.first.json.tmp-3']) {
      writeFileSync(join(directory, name), '/tmp/ha');
    }
  };
  leave();
  const lease = await take();
  expect(readdirSync(directory).sort()).toEqual(['lease.lock', 'lease.owner.json']);
  leave();
  await lease.release();
  expect(readdirSync(directory)).toEqual([]);
});

test('what somebody takes away that took it for left behind is written again', async () => {
  let taken = 0;
  const { directory, take } = leaseDirectory({
    linkIfFree: (from, to) => {
      if (taken < 2) rmSync(from);
      taken += 1;
      return PLATFORM.disk.linkIfFree(from, to);
    },
  });
  await (await take()).release();
  expect(taken).toBe(3);
  expect(readdirSync(directory)).toEqual([]);
});

test('a contender that is alive keeps its claim', async () => {
  const { directory, held, take } = leaseDirectory();
  held(deadHolder('first'));
  claim(directory, 'first', { ...SELF, token: 'second' });
  await expect(take()).rejects.toMatchObject({ code: 'CKPT_OUTPUT_IN_USE', evidence: { pid: process.pid } });
  expect(readdirSync(directory).sort()).toEqual(['lease.claim.first.json', 'lease.lock', 'lease.owner.json']);
});

test('whoever cannot take over leaves no claim', async () => {
  const { directory, held, take } = leaseDirectory({
    rename: () => {
      throw new Error('no space left');
    },
  });
  held(deadHolder('first'));
  await expect(take()).rejects.toMatchObject({ code: 'CKPT_OUTPUT_UNUSABLE' });
  expect(readdirSync(directory)).toEqual(['lease.owner.json']);
});

/** A process that leads a group and was given a run directory, as a rank is. */
async function rank(directory: string, command: string): Promise<number> {
  const env = { ...process.env, CKPT_RANK_RUN_DIRECTORY: join(directory, 'some-run/attempt_0') };
  const child = spawn('sh', ['-c', command], { detached: true, stdio: 'ignore', env });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

const noteOf = (number: number, pid: number): string =>
  `${JSON.stringify({ rank: number, pid, startTicks: processIdentity({ ...PLATFORM, pid }).startTicks })}\n`;

test('ranks of a dead holder are ended, even stopped ones, and nobody else who has such a pid now', async () => {
  const { directory, held, take, told } = leaseDirectory();
  held(deadHolder('first'));
  const [busy, stopped, stranger] = [
    await rank(directory, 'while :; do :; done'),
    await rank(directory, 'sleep 60 & wait'),
    await rank(directory, 'sleep 60'),
  ];
  process.kill(stopped, 'SIGSTOP');
  // A full disk may have torn any line.
  const notes = [
    noteOf(0, busy),
    '{"rank":7,{"rank":8}\n',
    noteOf(1, stopped),
    `${JSON.stringify({ rank: 2, pid: stranger, startTicks: 1 })}\n`,
    '{"torn',
  ];
  writeFileSync(join(directory, 'lease.ranks.jsonl'), notes.join(''));

  const lease = await take();
  expect([busy, stopped, stranger].map(isRunning)).toEqual([false, false, true]);
  expect(told[1]).toBe(`ending what it left alive: rank 0 (pid ${busy}), rank 1 (pid ${stopped})`);
  await lease.release();
  expect(readdirSync(directory)).toEqual([]);
});

test('a process that is no rank of a run in the directory is not ended, whatever was written down', async () => {
  const { directory, held, take, told } = leaseDirectory();
  held(deadHolder('first'));
  const strangers = [await rank('/elsewhere/.ckpt-run', 'sleep 60'), await rank(`${directory}-too`, 'sleep 60')];
  writeFileSync(join(directory, 'lease.ranks.jsonl'), strangers.map((pid, number) => noteOf(number, pid)).join(''));
  await (await take()).release();
  expect(strangers.map(isRunning)).toEqual([true, true]);
  expect(told).toHaveLength(1);
});

test('ranks of a holder on another host, of another boot or in another container are not ours to end', async () => {
  for (const elsewhere of [{ host: 'elsewhere' }, { bootId: 'another' }, { pidNamespace: 'pid:[1]' }]) {
    const { directory, held, take } = leaseDirectory();
    held({ ...deadHolder('first'), ...elsewhere }, 10 * 60_000);
    const pid = await rank(directory, 'sleep 60');
    writeFileSync(join(directory, 'lease.ranks.jsonl'), noteOf(0, pid));
    await (await take()).release();
    expect(isRunning(pid)).toBe(true);
    expect(readdirSync(directory)).toEqual([]);
  }
});

test('ranks that a holder writes down are found by the next', async () => {
  const { directory, held, take, told } = leaseDirectory();
  const lease = await take();
  const pid = await rank(directory, 'sleep 60');
  lease.noteRank(3, pid);
  const written = readdirSync(directory);
  expect(written).toContain('lease.ranks.jsonl');
  held(deadHolder('first'));
  await (await take()).release();
  expect(told).toContain(`ending what it left alive: rank 3 (pid ${pid})`);
});

test('a rank that does not end refuses the directory to the next', async () => {
  let seconds = 0;
  const clock = { ...PLATFORM.clock, monotonicMs: () => 1000 * seconds++ };
  const { directory, held, take } = leaseDirectory({}, { clock, killGroup: () => undefined });
  held(deadHolder('first'));
  const pid = await rank(directory, 'sleep 60');
  writeFileSync(join(directory, 'lease.ranks.jsonl'), noteOf(0, pid));
  await expect(take()).rejects.toMatchObject({ code: 'CKPT_OUTPUT_IN_USE' });
  expect(readdirSync(directory).sort()).toEqual(['lease.lock', 'lease.owner.json', 'lease.ranks.jsonl']);
});

test('where ranks could not be ended, nobody who cannot see them takes over, however long nothing was heard', async () => {
  const { held, take } = leaseDirectory();
  held({ ...SELF, host: 'another', token: 'first', hasLeftRanks: true }, 3_600_000);
  await expect(take()).rejects.toMatchObject({ code: 'CKPT_OUTPUT_IN_USE' });
});

test('a lease that is left claimed is taken over where its holder and its ranks are seen to be gone', async () => {
  const { directory, held, take } = leaseDirectory();
  held({ ...deadHolder('first'), hasLeftRanks: true });
  await (await take()).release();
  const lease = await take();
  lease.leaveClaimed();
  expect(readdirSync(directory)).toContain('lease.owner.json');
  expect(JSON.parse(readFileSync(join(directory, 'lease.owner.json'), 'utf8'))).toMatchObject({ hasLeftRanks: true });
  await expect(take()).rejects.toMatchObject({ code: 'CKPT_OUTPUT_IN_USE' });
  await lease.release();
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';
import { isAlive, processIdentity, processState } from '../../../shared/platform/process-identity.ts';

const platform = nodePlatform();
const self = processIdentity(platform);

/** A platform on which the process table says this about every process. */
const withStat = (stat: string | undefined): Platform => ({
  ...platform,
  disk: { ...platform.disk, readTextIfAny: (path) => (path.endsWith('/stat') ? stat : platform.disk.readTextIfAny(path)) },
});

test('this process is alive, and knows when and where it was started', () => {
  expect(self).toMatchObject({ pid: process.pid, host: platform.host });
  expect(self.startTicks).toBeGreaterThan(0);
  expect(self.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(isAlive(platform, self)).toBe('alive');
});

test('a child is alive until it ends', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const identity = processIdentity({ ...platform, pid: child.pid ?? 0 });
  expect(isAlive(platform, identity)).toBe('alive');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(platform, identity)).toBe('dead');
});

test('a zombie is dead', async () => {
  // The job ends when its parent has become a sleep, which never asks for it.
  const job = `sh -c 'until grep -q sleep /proc/$PPID/comm; do :; done' & echo $!; exec sleep 60`;
  const parent = spawn('sh', ['-c', job], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  const identity = processIdentity({ ...platform, pid });
  const deadline = Date.now() + 10_000;
  while (processState(platform, pid)?.letter !== 'Z' && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(processState(platform, pid)?.letter).toBe('Z');
  expect(isAlive(platform, identity)).toBe('dead');
});

test('another process with the same pid is not the one that was meant', () => {
  expect(isAlive(platform, { ...self, startTicks: Number(self.startTicks) - 1 })).toBe('dead');
  expect(isAlive(platform, { ...self, bootId: 'an earlier boot' })).toBe('dead');
});

test('of another host nothing can be known, nor where /proc says nothing', () => {
  expect(isAlive(platform, { ...self, host: 'elsewhere' })).toBe('unknown');
  expect(isAlive(withStat(undefined), { ...self, startTicks: null })).toBe('unknown');
});

test('a name with blanks and parentheses does not confuse the fields', () => {
  const rest = ['S', ...Array.from({ length: 18 }, (_, index) => index), 4711, 0, 0].join(' ');
  expect(processState(withStat(`42 (a ) (b) Z 1) ${rest}\n`), 42)).toEqual({ letter: 'S', startTicks: 4711 });
  expect(processState(withStat(undefined), 42)).toBeUndefined();
});

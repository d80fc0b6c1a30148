import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { nodeDisk } from '../../../shared/platform/disk.ts';

const { log } = vi.hoisted(() => ({ log: [] as string[] }));

/** A system whose second fsync fails at once, and whose others take a moment. */
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  openSync: (path: string) => Number(path),
  closeSync: (descriptor: number) => void log.push(`close ${descriptor}`),
  fsync: (descriptor: number, done: (error: Error | null) => void) => {
    if (descriptor === 2) return done(new Error('no space left'));
    void turn().then(() => {
      log.push(`durable ${descriptor}`);
      done(null);
    });
  },
}));

test('when one file cannot be made durable, the others are closed only once they are', async () => {
  await expect(nodeDisk.sync(['1', '2', '3'])).rejects.toThrow('no space left');
  expect(log).toEqual(['durable 1', 'durable 3', 'close 1', 'close 2', 'close 3']);
});

import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';

/** A disk on a system whose second fsync fails at once, and whose others take a moment. */
async function failingDisk(log: string[]) {
  vi.doMock('node:fs', async (original) => ({
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
  vi.resetModules();
  onTestFinished(() => {
    vi.doUnmock('node:fs');
    vi.resetModules();
  });
  return (await import('../../../shared/platform/disk.ts')).nodeDisk;
}

test('when one file cannot be made durable, the others are closed only once they are', async () => {
  const log: string[] = [];
  const disk = await failingDisk(log);
  await expect(disk.sync(['1', '2', '3'])).rejects.toThrow('no space left');
  expect(log).toEqual(['durable 1', 'durable 3', 'close 1', 'close 2', 'close 3']);
});

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Disk } from '../../../../shared/platform/disk.ts';
import { takeLease } from '../../../../shared/platform/lease/lease.ts';
import type { Platform } from '../../../../shared/platform/platform.ts';
import { deadHolder, leaseDirectory, PLATFORM } from './lease-directory.ts';

const CHANGES = ['write', 'linkIfFree', 'rename', 'removeFile', 'removeEmptyDirectory', 'openAppend'] as const;

class Killed extends Error {}

/** A process that is dead for all others, and whose disk changes nothing any more after so many changes. */
function doomed(changes: number): { readonly platform: Platform; readonly wasKilled: () => boolean } {
  const { pid } = deadHolder();
  // It must believe itself to be alive.
  const readTextIfAny: Disk['readTextIfAny'] = (path) =>
    PLATFORM.disk.readTextIfAny(path === `/proc/${pid}/stat` ? `/proc/${process.pid}/stat` : path);
  let left = changes;
  const disk: Record<string, unknown> = { ...PLATFORM.disk, readTextIfAny };
  for (const name of CHANGES) {
    const change: (...args: never[]) => unknown = PLATFORM.disk[name];
    disk[name] = (...args: never[]) => {
      left -= 1;
      if (left < 0) throw new Killed();
      return change(...args);
    };
  }
  return { platform: { ...PLATFORM, pid, disk: disk as unknown as Disk }, wasKilled: () => left < 0 };
}

/** Takes, notes a rank and gives back, up to the change at which the process is killed. */
async function liveUntil(changes: number, directory: string): Promise<boolean> {
  const { platform, wasKilled } = doomed(changes);
  const ignored = (): void => undefined;
  try {
    const lease = await takeLease(platform, directory, { runId: 'doomed', takeover: ignored, dead: ignored, lost: ignored });
    lease.noteRank(0, platform.pid);
    await lease.release();
  } catch (thrown) {
    if (!wasKilled()) throw thrown;
  }
  return wasKilled();
}

test.for([
  ['takes the lease', false],
  ['takes over', true],
] as const)('wherever a process is killed that %s, the next gets the lease, and nothing stays', async ([, isHeld]) => {
  for (let changes = 0, wasKilled = true; wasKilled; changes += 1) {
    const { directory, held, take } = leaseDirectory();
    if (isHeld) held(deadHolder());
    wasKilled = await liveUntil(changes, directory);
    await (await take()).release();
    expect(readdirSync(directory), `killed at change ${changes}`).toEqual([]);
  }
});

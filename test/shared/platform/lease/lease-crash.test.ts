import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Disk } from '../../../../shared/platform/disk.ts';
import { takeLease } from '../../../../shared/platform/lease/lease.ts';
import type { Platform } from '../../../../shared/platform/platform.ts';
import { deadHolder, leaseDirectory, PLATFORM } from './lease-directory.ts';

const CHANGES = ['write', 'linkIfFree', 'rename', 'removeFile', 'removeEmptyDirectory', 'openAppend'] as const;

class Killed extends Error {}

/** Of what is written when a process dies, any part may be there. */
const PARTS = [0, 0.5, 1] as const;

/** A process that is dead for all others, and whose disk changes nothing any more after so many changes and part of a write. */
function doomed(changes: number, part: number): { readonly platform: Platform; readonly wasKilled: () => boolean } {
  const { pid } = deadHolder();
  // It must believe itself to be alive.
  const readTextIfAny: Disk['readTextIfAny'] = (path) =>
    PLATFORM.disk.readTextIfAny(path === `/proc/${pid}/stat` ? `/proc/${process.pid}/stat` : path);
  let left = changes;
  const disk: Record<string, unknown> = { ...PLATFORM.disk, readTextIfAny };
  const dying =
    <A extends unknown[], R>(change: (...args: A) => R, lastWords: (...args: A) => void = () => undefined) =>
    (...args: A): R => {
      left -= 1;
      if (left >= 0) return change(...args);
      if (left === -1) lastWords(...args);
      throw new Killed();
    };
  for (const name of CHANGES) {
    const change: (...args: never[]) => unknown = PLATFORM.disk[name];
    disk[name] = dying(change);
  }
  const write: Disk['write'] = (path, content) => PLATFORM.disk.write(path, content);
  disk['write'] = dying(write, (path, content) => write(path, content.slice(0, content.length * part)));
  return { platform: { ...PLATFORM, pid, disk: disk as unknown as Disk }, wasKilled: () => left < 0 };
}

/** Takes, notes a rank and gives back, up to the change at which the process is killed. */
async function liveUntil(changes: number, part: number, directory: string): Promise<boolean> {
  const { platform, wasKilled } = doomed(changes, part);
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

const LIVES = [
  ['takes the lease', false],
  ['takes over', true],
] as const;

test.for(LIVES.flatMap(([what, isHeld]) => PARTS.map((part) => [what, part, isHeld] as const)))(
  'wherever a process is killed that %s, with %d of its write done, the next gets the lease, and nothing stays',
  async ([, part, isHeld]) => {
    for (let changes = 0, wasKilled = true; wasKilled; changes += 1) {
      const { directory, held, take } = leaseDirectory();
      if (isHeld) held(deadHolder());
      wasKilled = await liveUntil(changes, part, directory);
      await (await take()).release();
      expect(readdirSync(directory), `killed at change ${changes}`).toEqual([]);
    }
  },
);

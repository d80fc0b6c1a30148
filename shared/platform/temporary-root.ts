import { resolve } from 'node:path';
import type { Disk } from './disk.ts';

/** Linux keeps what is in it in memory. */
const MEMORY = '/dev/shm';
/** Far more than a run needs: in a container it is often too small for one. */
const ENOUGH_BYTES = 2 ** 30;

/**
 * Where temporary output directories are made: where the environment says, else in memory, because nothing in them must outlive
 * the machine and a disk can double the time of a run, else in the system's directory for temporary files.
 */
export function temporaryRoot(disk: Disk, environment: Readonly<Record<string, string | undefined>>, uid: number): string {
  const chosen = ['TMPDIR', 'TMP', 'TEMP'].map((name) => environment[name] ?? '').find((path) => path !== '');
  return resolve(chosen ?? (hasRoom(disk, MEMORY) && !isSwept(disk, uid) ? MEMORY : '/tmp'));
}

const hasRoom = (disk: Disk, directory: string): boolean =>
  disk.kindOf(directory) === 'directory' && disk.isWritable(directory) && disk.freeBytes(directory) >= ENOUGH_BYTES;

/** systemd empties /dev/shm of what a person has there when that person logs out, be it in the middle of a run. */
const isSwept = (disk: Disk, uid: number): boolean => uid !== 0 && disk.kindOf(`/run/systemd/users/${uid}`) !== 'nothing';

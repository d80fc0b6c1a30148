import { join, resolve } from 'node:path';
import type { Disk } from '../../shared/platform/disk.ts';
import { STATE_DIRECTORY } from '../../shared/platform/run-directory.ts';
import { makeDirectories } from './made-directories.ts';
import { type OutputDirectory, refuseUnusable } from './output-directory.ts';
import { attempt } from './output-refusal.ts';

/**
 * The directory as a node or a rank has it that does not hold the lease: the lease is the first one's. Whoever
 * joins can neither lose it nor give it back.
 */
export function joinOutputDirectory(disk: Disk, wanted: string): OutputDirectory {
  const path = attempt(`--output-dir ${wanted}`, () => disk.resolveLinks(wanted) ?? resolve(wanted));
  const nothing = (): void => undefined;
  return { path, isOurs: () => true, noteRank: nothing, clear: nothing, leaveClaimed: nothing, release: () => Promise.resolve() };
}

/** The same for a rank, which may come before the first one: what it makes goes when nobody needs it any more. */
export function enterOutputDirectory(disk: Disk, wanted: string): OutputDirectory {
  const output = joinOutputDirectory(disk, wanted);
  attempt(`--output-dir ${wanted}`, () =>
    makeDirectories(disk, join(output.path, STATE_DIRECTORY), refuseUnusable(disk, wanted, output.path)),
  );
  return output;
}

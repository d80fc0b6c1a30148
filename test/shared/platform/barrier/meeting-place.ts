import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Barrier } from '../../../../shared/contracts/barrier.ts';
import type { JournalEntry } from '../../../../shared/contracts/journal.ts';
import { type FileBarrierOptions, openFileBarrier } from '../../../../shared/platform/barrier/file-barrier.ts';
import { nodePlatform, type Platform } from '../../../../shared/platform/platform.ts';

/** Several ranks in one process, on a directory of their own. */
export interface MeetingPlace {
  readonly directory: string;
  /** Opens another rank's barriers; closed when the test ends. */
  join(
    rank: number,
    options?: { readonly platform?: Platform; readonly callSite?: string } & Pick<
      Partial<FileBarrierOptions>,
      'timeoutMs' | 'hardTimeoutMs' | 'progress' | 'resumes'
    >,
  ): Barrier;
  /** What each rank has journalled. */
  readonly journals: ReadonlyMap<number, readonly JournalEntry[]>;
}

/** Makes a directory for the barriers of a world, removed when the test ends. */
export function meetingPlace(worldSize: number): MeetingPlace {
  const root = mkdtempSync(join(tmpdir(), 'ckpt-run-barrier-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, 'barriers');
  const journals = new Map<number, JournalEntry[]>();
  return {
    directory,
    journals,
    join: (rank, { platform = nodePlatform(), timeoutMs = 10_000, callSite, ...patience } = {}) => {
      const entries: JournalEntry[] = [];
      journals.set(rank, entries);
      const journal = { append: (entry: JournalEntry) => void entries.push(entry) };
      const where = callSite === undefined ? {} : { callSite: () => callSite };
      const barrier = openFileBarrier({ platform, directory, rank, worldSize, journal, timeoutMs, ...patience, ...where });
      onTestFinished(() => barrier.close());
      return barrier;
    },
  };
}

/** This machine without reports of changes, as a network file system is. */
export const withoutWatch = (): Platform => {
  const platform = nodePlatform();
  return { ...platform, disk: { ...platform.disk, watch: () => undefined } };
};

/** The ranks of a world. */
export const ranksOf = (worldSize: number): readonly number[] => Array.from({ length: worldSize }, (_, rank) => rank);

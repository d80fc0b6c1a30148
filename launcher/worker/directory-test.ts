import { CkptError } from '../../shared/contracts/errors.ts';
import type { WorkerReport } from '../../shared/contracts/run-report.ts';
import { codeOf } from '../../shared/platform/disk.ts';
import { outputUnusable } from '../../shared/platform/output-unusable.ts';
import type { Platform } from '../../shared/platform/platform.ts';

/** What a rank has found out of the directory that it shares with others. */
export type DirectoryFacts = Pick<WorkerReport, 'fileSystem' | 'clockSkewMs'>;

/**
 * Does in a directory what everything else relies on: a name is taken once, by creation as by link, and a rename replaces whole.
 * `aside` is a path that is this process's alone. Throws CKPT_OUTPUT_UNUSABLE where the file system does otherwise.
 */
export function testDirectory(
  { disk, clock }: Pick<Platform, 'disk' | 'clock'>,
  outputDir: string,
  aside: string,
): DirectoryFacts {
  const [one, other] = [`${aside}-one`, `${aside}-other`];
  const insist = (holds: boolean, what: string): void => {
    if (!holds) throw outputUnusable(outputDir, new Error(`its file system ${what}`));
  };
  try {
    const beforeMs = clock.nowMs();
    disk.create(one, 'one');
    const afterMs = clock.nowMs();
    const madeAtMs = disk.changedAtMs(one) ?? afterMs;
    insist(!isCreated(() => disk.create(one, 'again')), 'creates a file under a name that is taken');
    insist(disk.linkIfFree(one, other) && disk.readText(other) === 'one', 'makes no link where it says so');
    insist(!disk.linkIfFree(one, other), 'links to a name that is taken');
    disk.removeFile(one);
    disk.create(one, 'renamed');
    disk.rename(one, other);
    insist(disk.kindOf(one) === 'nothing' && disk.readText(other) === 'renamed', 'does not replace a file by renaming another');
    return { fileSystem: disk.fileSystemOf(outputDir).name, clockSkewMs: skewOf(madeAtMs, beforeMs, afterMs) };
  } catch (cause) {
    throw cause instanceof CkptError ? cause : outputUnusable(outputDir, cause);
  } finally {
    disk.removeFile(one);
    disk.removeFile(other);
  }
}

function isCreated(create: () => void): boolean {
  try {
    create();
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

/** Times of files are coarser than the clock: what lies between the two looks, or just before them, is no skew. */
function skewOf(madeAtMs: number, beforeMs: number, afterMs: number): number {
  if (madeAtMs > afterMs) return Math.round(afterMs - madeAtMs);
  return madeAtMs < beforeMs - COARSE_MS ? Math.round(beforeMs - madeAtMs) : 0;
}

const COARSE_MS = 10;

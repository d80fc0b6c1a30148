import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, usageError } from '../../shared/contracts/errors.ts';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { randomHex } from '../../shared/platform/random.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';

/** Refuses a place where no report can be written, before the run starts. Throws CKPT_USAGE. */
export function refuseReportFile(disk: Disk, file: string): void {
  const path = reportPath(disk, file);
  const directory = dirname(path);
  const parent = disk.resolveLinks(directory);
  if (parent === undefined || disk.kindOf(parent) !== 'directory') {
    throw usageError(`--report ${file}: there is no directory ${directory}`);
  }
  const kind = disk.kindOf(path);
  if (kind === 'directory') throw usageError(`--report ${file}: it is a directory, expected a file`);
  // Writing a report replaces the name: a device or a pipe would be gone, and so would what stands behind /dev/stdout.
  if (kind === 'other' || resolve(file).startsWith('/dev/'))
    throw usageError(`--report ${file}: it is a device, a pipe or a broken link, expected a file`);
  if (!disk.isWritable(directory)) throw usageError(`--report ${file}: ${directory} is not writable`);
  refuseUnwritable(disk, file, asideOf(path));
}

/** What the permissions allow may still fail: on a read-only file system, or in /proc. */
function refuseUnwritable(disk: Disk, file: string, probe: string): void {
  try {
    disk.create(probe, '');
    disk.removeFile(probe);
  } catch (thrown) {
    throw usageError(`--report ${file}: ${messageOf(thrown)}, expected a place that can be written`);
  }
}

/** A link's file is replaced, and not the link. */
const reportPath = (disk: Disk, file: string): string => disk.resolveLinks(resolve(file)) ?? resolve(file);

/** A name that nobody has taken. */
const asideOf = (path: string): string => join(dirname(path), `.${basename(path)}.tmp-${randomHex(16)}`);

/** Writes a report all at once: readers see the old file or the whole new one. */
export async function writeReport(disk: Disk, file: string, report: RunReport): Promise<void> {
  const path = reportPath(disk, file);
  const aside = asideOf(path);
  disk.create(aside, '');
  try {
    disk.write(aside, `${JSON.stringify(report, null, 2)}\n`);
    await disk.sync([aside]);
    disk.rename(aside, path);
  } finally {
    disk.removeFile(aside);
  }
}

/** Writes a report to several files. A full disk must not hide how the run ended: it is told, and the other files are written. */
export async function publishReport(
  disk: Disk,
  files: readonly (string | undefined)[],
  report: RunReport,
  tell: LaunchSurroundings['tell'],
): Promise<void> {
  for (const file of files.filter((each) => each !== undefined)) {
    await writeReport(disk, file, report).catch((thrown: unknown) => tell(warning(`no report in ${file}: ${messageOf(thrown)}`)));
  }
}

import { basename, dirname, join, resolve } from 'node:path';
import { usageError } from '../shared/contracts/errors.ts';
import type { RunReport } from '../shared/contracts/run-report.ts';
import type { Disk } from '../shared/platform/disk.ts';

/** Refuses a place where no report can be written, before the run starts. Throws CKPT_USAGE. */
export function refuseReportFile(disk: Disk, file: string): void {
  const directory = dirname(resolve(file));
  if (disk.kindOf(disk.resolveLinks(resolve(file)) ?? file) === 'directory')
    throw usageError(`--report ${file}: it is a directory, expected a file`);
  if (disk.resolveLinks(directory) === undefined) throw usageError(`--report ${file}: there is no directory ${directory}`);
  if (!disk.isWritable(directory)) throw usageError(`--report ${file}: ${directory} is not writable`);
}

/** Writes a report all at once: readers see the old file or the whole new one. */
export async function writeReport(disk: Disk, file: string, report: RunReport): Promise<void> {
  const path = resolve(file);
  const aside = join(dirname(path), `.${basename(path)}.tmp-${report.runId}`);
  disk.write(aside, `${JSON.stringify(report, null, 2)}\n`);
  await disk.sync([aside]);
  disk.rename(aside, path);
}

import { dirname, resolve } from 'node:path';
import { type CkptError, usageError } from '../../shared/contracts/errors.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { refuseReportFile } from '../outcome/report-file.ts';
import type { ProgramRequest } from './program-request.ts';

/** Refuses what cannot be run, before anything is written. Throws CKPT_USAGE. */
export function refuseImpossible(disk: Disk, request: ProgramRequest): void {
  if (request.reportFile !== undefined) refuseReportFile(disk, request.reportFile);
  if (request.logs.logDir !== undefined) refuseLogDirectory(disk, request.logs.logDir);
  if (request.placement.nodeCount > 1) refuseUnshared(request);
}

/** What is not there yet is made: then the nearest directory above it must be one, and writable. */
function refuseLogDirectory(disk: Disk, wanted: string): void {
  let existing = resolve(wanted);
  while (disk.resolveLinks(existing) === undefined) existing = dirname(existing);
  const found = disk.resolveLinks(existing) ?? existing;
  const name = existing === resolve(wanted) ? 'it' : existing;
  if (disk.kindOf(found) !== 'directory') throw usageError(`--log-dir ${wanted}: ${name} is a file, expected a directory`);
  if (!disk.isWritable(found)) throw usageError(`--log-dir ${wanted}: ${name} is not writable`);
}

/** Launchers of several nodes find each other by a directory and a name in it. */
function refuseUnshared({ outputDir, placement: { runId }, maxRestarts }: ProgramRequest): void {
  if (outputDir === undefined) throw needed('--output-dir', 'a directory that all nodes share');
  if (runId === undefined) throw needed('--rdzv-id', 'a name for this run, the same on all nodes');
  if (maxRestarts > 0) throw usageError('--max-restarts: got more than one node, expected one: nodes do not restart each other');
}

const needed = (option: string, what: string): CkptError =>
  usageError(`${option}: it is missing, and more than one node needs it`, `Give ${what}.`);

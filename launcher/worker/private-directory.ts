import { join } from 'node:path';
import { usageError } from '../../shared/contracts/errors.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { torchrunLogs } from './engines.ts';
import type { WorkerPlace } from './worker-place.ts';

/**
 * The output directory of a worker for which none was named: below the directory that torchrun makes for each attempt, which
 * nobody else can know or enter. Throws CKPT_USAGE where there is none.
 */
export function privateDirectory(
  { disk, uid }: Pick<Platform, 'disk' | 'uid'>,
  { engine }: WorkerPlace,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const logs = engine === 'torchrun' ? torchrunLogs(environment) : undefined;
  if (logs === undefined) throw nothingGiven(`the workers of ${engine ?? 'a run'} have no other directory in common`);
  const owner = disk.ownerOf(logs.runPath);
  if (owner === undefined) throw nothingGiven(`there is no ${logs.runPath}, which torchrun makes`);
  if (owner.uid !== uid) throw nothingGiven(`${logs.runPath}, which torchrun made, is another user's`);
  if ((owner.mode & 0o077) !== 0)
    throw nothingGiven(
      `${logs.runPath}, which torchrun made, has mode ${(owner.mode & 0o777).toString(8)} where 700 is expected`,
    );
  return join(logs.attemptPath, 'ckpt-run');
}

const nothingGiven = (why: string): Error =>
  usageError(`--output-dir: nothing given, and ${why}`, 'Name a directory that all ranks share.');

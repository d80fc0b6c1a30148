import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openProcessGroup } from '../../../rank/program/membership.ts';
import type { InitOptions, ProcessGroup } from '../../../rank/program/process-group.ts';
import { RUN_DIRECTORY_VARIABLE } from '../../../shared/contracts/run-plan.ts';
import { environmentOf } from '../../../shared/contracts/world.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

/** A run as the launcher lays it out for programs. */
export function launchedRun(): RunDirectory {
  const run = runDirectory(join(temporaryDirectory(), 'attempt_0'));
  mkdirSync(run.barriers, { recursive: true });
  mkdirSync(run.journals);
  return run;
}

/** What the launcher gives to a rank. */
export const environmentIn = (run: RunDirectory, rank: number, worldSize: number): Record<string, string> => ({
  ...environmentOf(
    { rank, localRank: rank, worldSize, localWorldSize: worldSize, groupRank: 0, runId: 'run', attempt: 0 },
    { host: '127.0.0.1', port: 29500 },
  ),
  [RUN_DIRECTORY_VARIABLE]: run.path,
});

/** Every rank of a new run, in this process. */
export function launchedRanks(
  worldSize: number,
  options: InitOptions = {},
): { run: RunDirectory; ranks: readonly ProcessGroup[] } {
  const run = launchedRun();
  const ranks = Array.from({ length: worldSize }, (_, rank) =>
    openProcessGroup(nodePlatform(), environmentIn(run, rank, worldSize), { timeoutMs: 10_000, ...options }),
  );
  return { run, ranks };
}

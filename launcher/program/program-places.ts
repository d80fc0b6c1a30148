import { join, resolve } from 'node:path';
import { attemptPath, type RunDirectory, runDirectory, STATE_DIRECTORY } from '../../shared/platform/run-directory.ts';
import { asRunId } from '../run-id.ts';
import type { ProgramRequest } from './program-request.ts';

/** Where one attempt of this launcher's ranks leaves what. */
export interface AttemptPlaces {
  readonly run: RunDirectory;
  /** torchrun's log tree. */
  logs(localRank: number): string;
  errorFile(localRank: number): string;
  /** Where nodes leave the numbers of ranks that have exited with 0; undefined for a single node. */
  readonly gone: string | undefined;
  /** A directory that is there only while pipes are opened. */
  readonly pipes: string;
}

/** Where one run of a program leaves what. */
export interface ProgramPlaces {
  /** `<output-dir>/.ckpt-run/<name>`. */
  readonly path: string;
  attempt(number: number): AttemptPlaces;
}

/**
 * The name of a run's directory: its own id, behind the one that was chosen for it. Nodes that share a directory have only
 * the chosen one in common.
 */
export function runName({ placement: { runId, nodeCount } }: ProgramRequest, ownId: string): string {
  if (runId === undefined) return ownId;
  const chosen = asRunId(runId);
  return nodeCount > 1 ? chosen : `${chosen}_${ownId}`;
}

/** Spells the paths of a run; those of several nodes keep their logs apart. */
export function programPlaces({ logs: { logDir }, placement }: ProgramRequest, outputDir: string, name: string): ProgramPlaces {
  const node = placement.nodeCount > 1 ? `node_${placement.nodeRank}` : '';
  return {
    path: join(outputDir, STATE_DIRECTORY, name),
    attempt: (number) => {
      const run = runDirectory(attemptPath(outputDir, name, number));
      const tree = logDir === undefined ? run.path : join(resolve(logDir), name, `attempt_${number}`);
      const logs = (localRank: number): string => join(tree, node, String(localRank));
      return {
        run,
        logs,
        errorFile: (localRank) => join(logs(localRank), 'error.json'),
        gone: placement.nodeCount > 1 ? join(run.path, 'gone') : undefined,
        pipes: join(run.path, node, 'pipes'),
      };
    },
  };
}

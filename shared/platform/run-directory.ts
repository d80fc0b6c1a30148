import { join } from 'node:path';

/** Our corner of the shared checkpoint directory. */
export const STATE_DIRECTORY = '.ckpt-run';

/** Every path of one attempt. */
export interface RunDirectory {
  readonly path: string;
  readonly plan: string;
  readonly report: string;
  readonly barriers: string;
  /** The outcomes of the latest barriers. */
  readonly decisions: string;
  readonly journals: string;
  journal(rank: number): string;
  readonly heartbeats: string;
  heartbeat(rank: number): string;
  /** Where those meet who look at a rank through its inspector. */
  visits(rank: number): string;
  /** What looks at it have made it read and write. */
  visitedBytes(rank: number): string;
  /** Where ranks that an engine started say that they have come, and how they ended. */
  readonly workers: string;
  joined(rank: number): string;
  left(rank: number): string;
  /** torchrun's log tree: what one rank printed. */
  logs(localRank: number): string;
  stdout(localRank: number): string;
  stderr(localRank: number): string;
  /** What V8 leaves when it ends a rank. */
  lastReport(rank: number): string;
}

/** Spells the paths below `<output-dir>/.ckpt-run/<run-id>/attempt_<n>`. */
export const runDirectory = (path: string): RunDirectory => ({
  path,
  plan: join(path, 'plan.json'),
  report: join(path, 'report.json'),
  barriers: join(path, 'barriers'),
  decisions: join(path, 'barriers', 'decisions'),
  journals: join(path, 'journal'),
  journal: (rank) => join(path, 'journal', `rank-${rank}.jsonl`),
  heartbeats: join(path, 'heartbeat'),
  heartbeat: (rank) => join(path, 'heartbeat', `rank-${rank}.json`),
  visits: (rank) => join(path, 'visits', `rank-${rank}`),
  visitedBytes: (rank) => join(path, 'visits', `rank-${rank}`, 'bytes'),
  workers: join(path, 'workers'),
  joined: (rank) => join(path, 'workers', `rank-${rank}.joined.json`),
  left: (rank) => join(path, 'workers', `rank-${rank}.left.json`),
  logs: (localRank) => join(path, String(localRank)),
  stdout: (localRank) => join(path, String(localRank), 'stdout.log'),
  stderr: (localRank) => join(path, String(localRank), 'stderr.log'),
  lastReport: (rank) => join(path, `last-report-of-rank-${rank}.json`),
});

/** Where an attempt of a run lives. */
export const attemptPath = (outputDir: string, runId: string, attempt: number): string =>
  join(outputDir, STATE_DIRECTORY, runId, `attempt_${attempt}`);

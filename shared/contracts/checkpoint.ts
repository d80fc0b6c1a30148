import type { JsonObject } from './json.ts';
import type { EncodedMetric, MetricMode } from './metric.ts';

/** One committed checkpoint. */
export interface CheckpointInfo {
  readonly step: number;
  /** The evaluation metric at that step; undefined when the step was not evaluated. */
  readonly metric: number | undefined;
}

/** A ranked checkpoint: its metric is always finite. */
export interface BestEntry {
  readonly step: number;
  readonly metric: number;
}

/** How many to keep: a positive number, or all. */
export type Limit = number | 'none';

/** What a retention policy is given: every checkpoint on disk, and the limits it works under. */
export interface RetentionHistory {
  /** Committed and not yet deleted, by ascending step; the one just saved is the last. */
  readonly checkpoints: readonly CheckpointInfo[];
  /** The manager's own best list, best first, as it stands when retention runs. */
  readonly best: readonly BestEntry[];
  readonly saveTotalLimit: Limit;
  readonly preserveNBest: number;
  readonly mode: MetricMode;
}

/** The two decisions of retention: steps that stay and steps that go. Together they are every step given. */
export interface RetentionDecision {
  readonly preserve: readonly number[];
  readonly delete: readonly number[];
}

/** Decides which checkpoints stay. Pure: the same history gives the same decision on every rank. */
export type RetentionPolicy = (history: RetentionHistory) => RetentionDecision;

/** Puts a newly evaluated checkpoint into the best list, best first. Pure. */
export type BestListUpdate = (
  best: readonly BestEntry[],
  candidate: CheckpointInfo,
  limits: { readonly preserveNBest: number; readonly mode: MetricMode },
) => readonly BestEntry[];

/** One file of a checkpoint as its manifest records it. */
export interface ManifestFile {
  /** Name inside the checkpoint directory. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** The rank that wrote it. */
  readonly rank: number;
}

/** The file that makes a directory a checkpoint. */
export const MANIFEST = 'manifest.json';

/** `manifest.json`: what makes a directory a committed checkpoint of ckpt-run. */
export interface Manifest {
  readonly format: 'ckpt-run-checkpoint';
  readonly version: 1;
  readonly runId: string;
  readonly scenario: string;
  readonly step: number;
  readonly worldSize: number;
  readonly metricName: string;
  readonly mode: MetricMode;
  readonly metric: EncodedMetric;
  readonly best: readonly BestEntry[];
  /** Each callback's stateDict under its key. */
  readonly callbacks: JsonObject;
  readonly files: readonly ManifestFile[];
}

/** Where a run moves the checkpoints of a scenario that it removes; it goes with them. */
export const trashName = (runId: string): string => `.trash-${runId}`;

/** Where a checkpoint is written before it exists. */
export const asideName = (step: number, runId: string, attempt: number): string =>
  `.${checkpointName(step)}.tmp-${runId}-${attempt}`;

/** Whether a name is the {@link asideName} of a checkpoint of a run. */
export function isAsideOf(name: string, runId: string): boolean {
  const [, step, attempt] = /^\.checkpoint-(\d+)\.tmp-.*-(\d+)$/.exec(name) ?? [];
  return step !== undefined && name === asideName(Number(step), runId, Number(attempt));
}

/** The directory name of a checkpoint. */
export const checkpointName = (step: number): string => `checkpoint-${step}`;

/** The step in a checkpoint's directory name, or undefined for any other name (`checkpoint-7-old`, `checkpoint-x`). */
export function checkpointStep(name: string): number | undefined {
  const digits = /^checkpoint-(0|[1-9]\d*)$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

import type { Fault } from './fault.ts';
import type { ScenarioParameters } from './scenario.ts';

/** How results are printed. */
export interface OutputStyle {
  readonly logFormat: 'text' | 'json';
  /** Only the verdict line and failures. */
  readonly quiet: boolean;
  /** Control codes for colour are allowed on stdout. */
  readonly color: boolean;
  /** A progress line may be drawn on stderr. */
  readonly progress: boolean;
}

/** One scenario as it was asked for. */
export interface PlannedScenario {
  /** Directory name under the output directory. */
  readonly name: string;
  /** Absolute path of the file whose default export defines it. */
  readonly file: string;
  readonly parameters: Partial<ScenarioParameters>;
}

/** `plan.json`: what the launcher tells its ranks, and later tools, about an attempt. */
export interface RunPlan {
  readonly format: 'ckpt-run-plan';
  readonly version: 1;
  readonly ckptRun: string;
  readonly runId: string;
  readonly attempt: number;
  readonly worldSize: number;
  /** Absolute: the shared checkpoint directory. */
  readonly outputDir: string;
  readonly scenarios: readonly PlannedScenario[];
  /** The command line's; null leaves it to the scenario, then to the default. Milliseconds. */
  readonly barrierTimeoutMs: number | null;
  /** While a missing rank gets on, barriers wait longer than their time-out, but no longer than this. Milliseconds. */
  readonly hardTimeoutMs: number;
  /** Seeds every rank's random stream. */
  readonly seed: number;
  /** Ordered on the command line, and what scenarios order for the start of ranks. */
  readonly faults: readonly Fault[];
  readonly output: OutputStyle;
}

/** How long a barrier waits when nobody says otherwise. */
export const DEFAULT_BARRIER_TIMEOUT_MS = 30_000;

/** How long it waits at most for a rank that gets on. */
export const DEFAULT_HARD_TIMEOUT_MS = 600_000;

/** Names the attempt's directory to a rank: `<output-dir>/.ckpt-run/<run-id>/attempt_<n>`. */
export const RUN_DIRECTORY_VARIABLE = 'CKPT_RANK_RUN_DIRECTORY';

/** Tells a rank which process must live for it to live. */
export const LAUNCHER_PID_VARIABLE = 'CKPT_RANK_LAUNCHER_PID';

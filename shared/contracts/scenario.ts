import type { TrainerCallback } from './callback.ts';
import type { BestListUpdate, Limit, RetentionPolicy } from './checkpoint.ts';
import type { Fault } from './fault.ts';
import type { MetricMode } from './metric.ts';

/** Whether the best list is updated before the save (right) or after it (the race the tool was made to catch). */
export type SaveOrder = 'update-before-save' | 'update-after-save';

/** What the author of a scenario expects beyond the invariants; an absent field is derived from the limits. */
export interface Expectation {
  /** Whether divergence is detected. Default: exactly when a spike is injected. */
  readonly divergence?: boolean;
  /** The steps on disk at the end, ascending. Default: the newest and the best under the limits. */
  readonly onDisk?: readonly number[];
}

/** The numbers of a scenario that a command line or a harness may change. */
export interface ScenarioParameters {
  readonly numSteps: number;
  readonly evalInterval: number;
  readonly saveInterval: number;
  /** How many of the newest checkpoints stay. */
  readonly saveTotalLimit: Limit;
  /** How many of the best checkpoints stay besides. */
  readonly preserveNBest: number;
  /** From this step on the metric is {@link ScenarioDefinition.spikeMetric}; 'none' for no spike. */
  readonly injectSpikeAtStep: number | 'none';
}

/** Who asks for callbacks: each rank makes its own set, and a second one to test restoring. */
export interface CallbackContext {
  readonly rank: number;
  readonly worldSize: number;
  readonly metricName: string;
  readonly mode: MetricMode;
}

/** A training script: what is trained, kept and expected. Only name, summary and metric are required. */
export interface ScenarioDefinition extends Partial<ScenarioParameters> {
  /** Lower-case letters, digits and dashes: it names a directory. */
  readonly name: string;
  /** One line for the list of scenarios. */
  readonly summary: string;
  /** The metric a rank measures at a step; undefined for none. The ranks' metrics are averaged. */
  readonly metric: (step: number, rank: number) => number | undefined;
  /** Default `loss`. */
  readonly metricName?: string;
  /** Default: by the metric's name. */
  readonly mode?: MetricMode;
  /** What the metric becomes from injectSpikeAtStep on. Default 8. */
  readonly spikeMetric?: number;
  /** Makes one rank's callbacks; called again for a fresh set. */
  readonly callbacks?: (context: CallbackContext) => readonly TrainerCallback[];
  /** Runs in place of ours: newest union best. */
  readonly retention?: RetentionPolicy;
  /** Runs in place of ours. */
  readonly updateBestCheckpoints?: BestListUpdate;
  /** Default `update-before-save`. */
  readonly saveOrder?: SaveOrder;
  readonly faults?: readonly Fault[];
  readonly expect?: Expectation;
  /** How long a barrier waits in this scenario unless the command line says otherwise, in milliseconds. */
  readonly barrierTimeoutMs?: number;
  /** Fewer ranks are refused. Default 1. */
  readonly minWorldSize?: number;
  /** What to do when this scenario fails, in the imperative. */
  readonly hint?: string;
}

/** A scenario with every default filled in and every number checked. */
export interface Scenario extends ScenarioParameters {
  readonly name: string;
  readonly summary: string;
  readonly metric: (step: number, rank: number) => number | undefined;
  readonly metricName: string;
  readonly mode: MetricMode;
  readonly callbacks: (context: CallbackContext) => readonly TrainerCallback[];
  readonly hasCallbacks: boolean;
  readonly retention: RetentionPolicy;
  /** True when the author brought their own retention: then the exact set on disk is theirs to say. */
  readonly hasOwnRetention: boolean;
  readonly updateBestCheckpoints: BestListUpdate;
  readonly saveOrder: SaveOrder;
  readonly faults: readonly Fault[];
  readonly expect: { readonly divergence: boolean; readonly onDisk: readonly number[] | undefined };
  readonly barrierTimeoutMs: number | undefined;
  readonly hint: string | undefined;
}

/** Gives a scenario its type; the file's default export. */
export const defineScenario = (definition: ScenarioDefinition): ScenarioDefinition => definition;

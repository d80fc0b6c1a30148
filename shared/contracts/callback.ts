import type { JsonObject } from './json.ts';

/** Where training stands when a callback runs. */
export interface TrainerState {
  readonly step: number;
  readonly maxSteps: number;
  readonly rank: number;
  readonly worldSize: number;
  /** True on rank 0, which alone logs. */
  readonly isWorldProcessZero: boolean;
  readonly bestStep: number | undefined;
  readonly bestMetric: number | undefined;
}

/** What a callback may ask for; every request becomes the request of all ranks at the next barrier. */
export interface TrainerControl {
  /** Stop after this step; a save due at this step still happens. */
  shouldTrainingStop: boolean;
  /** Stop at once; a save due at this step does not happen. */
  shouldAbortWithoutSave: boolean;
  /** Why training has diverged; undefined while it has not. */
  divergence: string | undefined;
}

/** The metrics of one evaluation by name, equal on all ranks; a missing metric is absent. */
export type Metrics = Readonly<Record<string, number>>;

type Handled = void | Promise<void>;

/** A trainer callback in Hugging Face's shape, and PyTorch's Stateful for what must survive a restart. */
export interface TrainerCallback {
  /** Key of its saved state; unique in a run. Default: the class name. */
  readonly name?: string;
  /** True for a callback that exists to notice divergence: it must receive every evaluation. */
  readonly detectsDivergence?: boolean;
  /** After each evaluation, before the best list is updated and before the save. */
  onEvaluate?(metrics: Metrics, state: TrainerState, control: TrainerControl): Handled;
  /** When metrics are logged: after onEvaluate. */
  onLog?(logs: Metrics, state: TrainerState, control: TrainerControl): Handled;
  /** After a checkpoint is committed, before anything is deleted. */
  onSave?(state: TrainerState, control: TrainerControl): Handled;
  /** Once, when training has ended for whatever reason; what it asks for has no effect any more. */
  onTrainEnd?(state: TrainerState, control: TrainerControl): Handled;
  /** State to be saved with each checkpoint. */
  stateDict?(): JsonObject;
  /** Takes back what stateDict gave. */
  loadStateDict?(state: JsonObject): void;
}

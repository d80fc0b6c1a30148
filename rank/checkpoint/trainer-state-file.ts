import { type BestEntry, type CheckpointInfo, checkpointName } from '../../shared/contracts/checkpoint.ts';
import type { Json, JsonObject } from '../../shared/contracts/json.ts';
import { encodeMetric } from '../../shared/contracts/metric.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';

/** What the trainer knows when it saves. */
export interface TrainerProgress {
  readonly step: number;
  readonly best: readonly BestEntry[];
  /** Every evaluation so far, by step. */
  readonly evaluations: readonly CheckpointInfo[];
  /** Each callback's stateDict under its key. */
  readonly callbacks: JsonObject;
  readonly outputDir: string;
}

/** `trainer_state.json` with the field names of Hugging Face's TrainerState. */
export function trainerState(scenario: Scenario, progress: TrainerProgress): Json {
  const [best] = progress.best;
  return {
    best_global_step: best?.step ?? null,
    best_metric: best?.metric ?? null,
    best_model_checkpoint: best === undefined ? null : `${progress.outputDir}/${scenario.name}/${checkpointName(best.step)}`,
    epoch: progress.step / scenario.numSteps,
    eval_steps: scenario.evalInterval,
    global_step: progress.step,
    is_hyper_param_search: false,
    is_local_process_zero: true,
    is_world_process_zero: true,
    log_history: progress.evaluations.map(({ step, metric }) => ({
      epoch: step / scenario.numSteps,
      [`eval_${scenario.metricName}`]: encodeMetric(metric),
      step,
    })),
    logging_steps: scenario.evalInterval,
    max_steps: scenario.numSteps,
    num_input_tokens_seen: 0,
    num_train_epochs: 1,
    save_steps: scenario.saveInterval,
    stateful_callbacks: Object.fromEntries(
      Object.entries(progress.callbacks).map(([name, attributes]) => [name, { args: {}, attributes }]),
    ),
    total_flos: 0,
    train_batch_size: 1,
    trial_name: null,
    trial_params: null,
  };
}

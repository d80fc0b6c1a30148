import type { Metrics, TrainerCallback, TrainerControl, TrainerState } from '../../shared/contracts/callback.ts';
import { isJsonObject, type JsonObject } from '../../shared/contracts/json.ts';
import {
  type DivergenceRule,
  type DivergenceState,
  decodeDivergence,
  encodeDivergence,
  INITIAL_DIVERGENCE,
  observe,
} from '../../shared/policy/divergence.ts';

/** What a detector watches, when it fires and what it then asks for. */
export interface DivergenceDetectorOptions extends Partial<DivergenceRule> {
  /** Default `loss`. */
  readonly metricName?: string;
  /** `stop` after this step's save, or `abort` without it. Default `stop`. */
  readonly action?: 'stop' | 'abort';
}

/** Dual-timescale EMA on the evaluation metric: fires when the short average leaves the long one behind. */
export class DivergenceDetector implements TrainerCallback {
  readonly name = 'DivergenceDetector';
  readonly detectsDivergence = true;
  readonly #options: DivergenceDetectorOptions;
  #state: DivergenceState = INITIAL_DIVERGENCE;

  constructor(options: DivergenceDetectorOptions = {}) {
    this.#options = options;
  }

  onEvaluate(metrics: Metrics, _state: TrainerState, control: TrainerControl): void {
    const value = metrics[this.#options.metricName ?? 'loss'];
    if (value === undefined) return;
    this.#state = observe(this.#state, value, this.#options);
    if (this.#state.reason === null) return;
    control.divergence = this.#state.reason;
    if (this.#options.action === 'abort') control.shouldAbortWithoutSave = true;
    else control.shouldTrainingStop = true;
  }

  stateDict(): JsonObject {
    return encodeDivergence(this.#state);
  }

  loadStateDict(state: JsonObject): void {
    if (isJsonObject(state)) this.#state = decodeDivergence(state);
  }
}

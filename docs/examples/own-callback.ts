import {
  defineScenario,
  type JsonObject,
  type Metrics,
  type TrainerCallback,
  type TrainerControl,
  type TrainerState,
} from 'ckpt-run';

/** Stops training when the loss has not improved for some evaluations. */
class EarlyStopping implements TrainerCallback {
  readonly name = 'EarlyStopping';
  readonly #patience: number;
  #best: number | null = null;
  #waited = 0;

  constructor(patience: number) {
    this.#patience = patience;
  }

  onEvaluate({ loss }: Metrics, _state: TrainerState, control: TrainerControl): void {
    if (loss === undefined) return;
    const improved = this.#best === null || loss < this.#best;
    this.#waited = improved ? 0 : this.#waited + 1;
    if (improved) this.#best = loss;
    if (this.#waited >= this.#patience) control.shouldTrainingStop = true;
  }

  stateDict(): JsonObject {
    return { best: this.#best, waited: this.#waited };
  }

  loadStateDict({ best, waited }: JsonObject): void {
    this.#best = typeof best === 'number' ? best : null;
    this.#waited = typeof waited === 'number' ? waited : 0;
  }
}

export default defineScenario({
  name: 'own-callback',
  summary: 'the loss stands still from step 60 on, and training stops at step 90',
  numSteps: 200,
  evalInterval: 10,
  saveInterval: 20,
  saveTotalLimit: 3,
  preserveNBest: 1,
  metric: (step) => 3 - Math.min(step, 60) / 100,
  callbacks: () => [new EarlyStopping(3)],
  expect: { onDisk: [40, 60, 80] },
});

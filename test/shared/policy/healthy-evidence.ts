import type { BestEntry, BestListUpdate, CheckpointInfo, Limit, RetentionPolicy } from '../../../shared/contracts/checkpoint.ts';
import type { Evidence } from '../../../shared/contracts/evidence.ts';
import type { JournalEntry, JournalEvent } from '../../../shared/contracts/journal.ts';
import { encodeMetric, type MetricMode } from '../../../shared/contracts/metric.ts';
import type { SaveOrder } from '../../../shared/contracts/scenario.ts';
import { updateBestCheckpoints } from '../../../shared/policy/best-list.ts';
import { encodeDivergence, INITIAL_DIVERGENCE, observe } from '../../../shared/policy/divergence.ts';
import { newestAndBest } from '../../../shared/policy/retention.ts';

/** A run to be imagined: what is trained, and how it is kept. The defaults make a healthy one. */
export interface ImaginedRun {
  readonly worldSize: number;
  readonly numSteps: number;
  readonly evalInterval: number;
  readonly saveInterval: number;
  readonly saveTotalLimit: Limit;
  readonly preserveNBest: number;
  readonly mode: MetricMode;
  /** The metric at a step; undefined where the evaluation gives none. */
  readonly metric: (step: number) => number | undefined;
  readonly injectSpikeAtStep: number | 'none';
  /** What the detector does when it fires; 'none' for no detector. */
  readonly detector: 'stop' | 'abort' | 'none';
  readonly retention: RetentionPolicy;
  readonly updateBest: BestListUpdate;
  readonly saveOrder: SaveOrder;
  readonly expect: { readonly divergence?: boolean; readonly onDisk?: readonly number[] };
}

/** The loss of the scenarios basic and spike: 2.8234 at step 25, 2.7891 at step 50. */
export const decayingLoss = (step: number): number => 2.5 + 0.36177 * 0.89394 ** (step / 25);

/** The scenario basic on two ranks. */
export const BASIC: ImaginedRun = {
  worldSize: 2,
  numSteps: 100,
  evalInterval: 25,
  saveInterval: 25,
  saveTotalLimit: 3,
  preserveNBest: 2,
  mode: 'min',
  metric: decayingLoss,
  injectSpikeAtStep: 'none',
  detector: 'none',
  retention: newestAndBest,
  updateBest: updateBestCheckpoints,
  saveOrder: 'update-before-save',
  expect: {},
};

/** The scenario spike on two ranks. */
export const SPIKE: ImaginedRun = {
  ...BASIC,
  numSteps: 150,
  metric: (step) => (step < 75 ? decayingLoss(step) : 8),
  injectSpikeAtStep: 75,
  detector: 'stop',
  expect: { divergence: true },
};

/** The evidence that a run would leave behind if every rank did exactly as it should. */
export function evidenceOf(changes: Partial<ImaginedRun> = {}, base: ImaginedRun = BASIC): Evidence {
  const run = { ...base, ...changes };
  const training = new Training(run);
  training.run();
  const { numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest, mode, injectSpikeAtStep, worldSize } = run;
  return {
    scenario: {
      name: 'imagined',
      metricName: mode === 'min' ? 'loss' : 'accuracy',
      hint: undefined,
      hasOwnRetention: run.retention !== newestAndBest,
      expect: { divergence: run.expect.divergence ?? training.hasDiverged, onDisk: run.expect.onDisk },
      ...{ numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest, mode, injectSpikeAtStep },
    },
    worldSize,
    history: training.history,
    unreadable: training.history.map(() => 0),
    disk: training.kept.map(({ step }) => ({ step, problem: null })),
    printedBytes: Array.from({ length: worldSize - 1 }, () => 0),
  };
}

class Training {
  readonly history: JournalEvent[][];
  kept: readonly CheckpointInfo[] = [];
  readonly #run: ImaginedRun;
  #best: readonly BestEntry[] = [];
  #detector = INITIAL_DIVERGENCE;
  #barriers = 0;
  #atMs = 1_700_000_000_000;

  constructor(run: ImaginedRun) {
    this.#run = run;
    this.history = Array.from({ length: run.worldSize }, () => []);
  }

  get hasDiverged(): boolean {
    return this.#detector.reason !== null;
  }

  run(): void {
    const { numSteps, detector } = this.#run;
    this.#meet('start');
    this.#onAll({ type: 'callbacks:made', detectors: detector === 'none' ? [] : ['DivergenceDetector'] });
    let step = 0;
    while (step < numSteps && !this.hasDiverged) {
      step += 1;
      this.#trainStep(step);
    }
    const reason = detector === 'abort' ? 'aborted' : 'stopped';
    this.#onAll({ type: 'training:ended', step, reason: this.hasDiverged ? reason : 'completed' });
    this.#meet('end');
  }

  #trainStep(step: number): void {
    const { evalInterval, saveInterval, metric, detector } = this.#run;
    const evaluates = step % evalInterval === 0;
    const value = evaluates ? metric(step) : undefined;
    if (evaluates) this.#evaluate(step, value);
    const abort = this.hasDiverged && detector === 'abort';
    const save = step % saveInterval === 0 && !abort;
    if (evaluates) this.#onAll({ type: 'step:decided', step, stop: this.hasDiverged && !abort, abort, save });
    if (evaluates || save) this.#onPrimary({ type: 'log:written', lines: 1 });
    if (save) this.#save(step, value);
  }

  #evaluate(step: number, value: number | undefined): void {
    this.#meet(`evaluate@${step}`);
    this.#onAll({ type: 'evaluation:finished', step, local: encodeMetric(value), metric: encodeMetric(value) });
    if (this.#run.detector !== 'none' && value !== undefined) {
      this.#onAll({ type: 'detector:notified', step, callback: 'DivergenceDetector' });
      this.#detector = observe(this.#detector, value);
    }
    this.#meet(`decide@${step}`);
    if (this.#detector.reason !== null) this.#onAll({ type: 'divergence:detected', step, reason: this.#detector.reason });
  }

  #save(step: number, metric: number | undefined): void {
    const { saveOrder } = this.#run;
    if (saveOrder === 'update-before-save') this.#updateBest({ step, metric });
    this.#commit({ step, metric });
    this.#retain(step);
    if (saveOrder === 'update-after-save') this.#updateBest({ step, metric });
  }

  #updateBest(checkpoint: CheckpointInfo): void {
    if (checkpoint.metric === undefined) return;
    this.#best = this.#run.updateBest(this.#best, checkpoint, this.#run);
    this.#onAll({ type: 'best:updated', step: checkpoint.step, best: this.#best });
  }

  #commit({ step, metric }: CheckpointInfo): void {
    const manifestSha256 = `sha256-of-${step}`;
    this.#onAll({ type: 'save:started', step });
    this.#meet(`save@${step}`);
    this.kept = [...this.kept, { step, metric }];
    this.#onPrimary({ type: 'checkpoint:committed', step, metric: encodeMetric(metric), manifestSha256 });
    this.#listDisk(step);
    this.#onAll({ type: 'checkpoint:seen', step, manifestSha256, problem: null });
    const state = { DivergenceDetector: encodeDivergence(this.#detector) };
    this.#onAll({ type: 'callbacks:restored', step, saved: state, restored: structuredClone(state) });
  }

  #retain(step: number): void {
    const decision = this.#run.retention({ checkpoints: this.kept, best: this.#best, ...this.#run });
    this.#onAll({ type: 'retention:decided', step, preserve: decision.preserve, delete: decision.delete });
    this.kept = this.kept.filter((checkpoint) => !decision.delete.includes(checkpoint.step));
    this.#meet(`seen@${step}`);
    for (const doomed of decision.delete) this.#onPrimary({ type: 'checkpoint:deleted', step: doomed, atStep: step });
    this.#listDisk(step);
    this.#onAll({ type: 'save:decided', step, stop: false, abort: false });
  }

  #listDisk(step: number): void {
    this.#onPrimary({ type: 'disk:listed', step, checkpoints: this.kept.map((checkpoint) => checkpoint.step) });
  }

  #meet(name: string): void {
    const sequence = this.#barriers;
    this.#barriers += 1;
    this.#onAll({ type: 'barrier:arrived', sequence, name, callSite: null });
    this.#onAll({ type: 'barrier:passed', sequence, name, waitedMs: 1 });
  }

  #onAll(entry: JournalEntry): void {
    for (const journal of this.history) journal.push({ ...entry, atMs: this.#now() });
  }

  #onPrimary(entry: JournalEntry): void {
    this.history[0]?.push({ ...entry, atMs: this.#now() });
  }

  #now(): number {
    this.#atMs += 1;
    return this.#atMs;
  }
}

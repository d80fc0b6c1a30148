import { join } from 'node:path';
import type { TrainerControl } from '../../shared/contracts/callback.ts';
import {
  type BestEntry,
  type CheckpointInfo,
  checkpointName,
  type ManifestFile,
  trashName,
} from '../../shared/contracts/checkpoint.ts';
import type { JsonObject } from '../../shared/contracts/json.ts';
import { encodeMetric } from '../../shared/contracts/metric.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import { makerOf, removeCheckpoint } from '../../shared/platform/checkpoint-removal.ts';
import { isPrimary, type TrainingContext } from '../context.ts';
import { ask, type StepDecision, together } from '../training/decision.ts';
import type { SimulatedModel } from '../training/simulated-model.ts';
import { runBestListUpdate } from './best-list-run.ts';
import { type CheckpointContent, commitCheckpoint } from './checkpoint-commit.ts';
import { shardName } from './checkpoint-files.ts';
import { listCommitted, type ReadCheckpoint, readCallbackState, readCheckpoint } from './checkpoint-reader.ts';
import { runRetention } from './retention-run.ts';
import { encodeRuling, isSaveResult, type Ruling, rulingIn, type SaveResult } from './ruling.ts';

/** What the trainer brings to a save. */
export interface SaveRequest {
  readonly step: number;
  readonly metric: number | undefined;
  readonly model: SimulatedModel;
  readonly evaluations: readonly CheckpointInfo[];
  /** Each callback's stateDict under its name. */
  readonly callbackState: () => JsonObject;
  /** Runs once the checkpoint is committed and before anything is deleted, with the callbacks' state as it was read back. */
  readonly onCommitted: (callbackState: JsonObject, control: TrainerControl) => Promise<void>;
}

/** How many ranks read back each rank's files: all of them up to this world size; beyond it cost would grow with its square. */
const WITNESSES = 8;

const BLAME = {
  code: 'CKPT_CHECKPOINT_WRITE_FAILED',
  hint: 'Let every rank read, write and delete in the output directory, then run again.',
} as const;

/** Keeps the checkpoints of one scenario on one rank: the best list, the saves and the deletions. */
export class CheckpointManager {
  readonly #context: TrainingContext;
  readonly #scenario: Scenario;
  readonly #directory: string;
  /** Committed and not deleted, by ascending step. */
  #kept: readonly CheckpointInfo[] = [];
  #best: readonly BestEntry[] = [];

  constructor(context: TrainingContext, scenario: Scenario, directory: string) {
    this.#context = context;
    this.#scenario = scenario;
    this.#directory = directory;
  }

  /** Best first. */
  get best(): readonly BestEntry[] {
    return this.#best;
  }

  /** Saves a step and deletes what retention lets go; all ranks together. Throws what went wrong on any rank. */
  async save(request: SaveRequest): Promise<StepDecision> {
    const { step, metric } = request;
    const manifestSha256 = await this.#commit(request);
    this.#kept = [...this.#kept, { step, metric }];
    const name = `${this.#scenario.name}/save@${step}:seen`;
    const meeting = { name, blame: BLAME, accepts: isSaveResult };
    const results = await this.#context.agreement.agree(meeting, () => this.#inspect(request, manifestSha256));
    this.#obey(rulingIn(results), step);
    if (this.#scenario.saveOrder === 'update-after-save') this.#context.agreement.alone(BLAME, () => this.#updateBest(request));
    return together(results);
  }

  #updateBest({ step, metric }: SaveRequest): void {
    if (metric === undefined) return;
    this.#best = runBestListUpdate(this.#scenario, this.#best, { step, metric });
    this.#context.journal.append({ type: 'best:updated', step, best: this.#best });
  }

  #commit(request: SaveRequest): Promise<string> {
    const { step } = request;
    const where = { directory: this.#pathOf(step), scenario: this.#scenario.name, step };
    return commitCheckpoint(this.#context, { ...where, prepare: () => this.#prepare(request) });
  }

  #prepare(request: SaveRequest): CheckpointContent {
    if (this.#scenario.saveOrder === 'update-before-save') this.#updateBest(request);
    const { step, metric, model, evaluations, callbackState } = request;
    this.#context.journal.append({ type: 'save:started', step });
    const progress = { step, best: this.#best, evaluations, callbacks: callbackState(), outputDir: this.#context.plan.outputDir };
    return { scenario: this.#scenario, model, progress, metric };
  }

  /** What this rank makes of a checkpoint that was committed. */
  async #inspect({ step, metric, onCommitted }: SaveRequest, manifestSha256: string): Promise<SaveResult> {
    const { journal, world } = this.#context;
    if (isPrimary(this.#context)) {
      journal.append({ type: 'checkpoint:committed', step, metric: encodeMetric(metric), manifestSha256 });
      this.#listDisk(step);
    }
    this.#context.faults.afterCommit(step, join(this.#pathOf(step), shardName(world.rank)));
    const saved = this.#look(step);
    const request = await ask((control) => onCommitted(saved, control));
    const decision = runRetention(this.#scenario, { checkpoints: this.#kept, best: this.#best }, step);
    journal.append({ type: 'retention:decided', step, preserve: decision.preserve, delete: decision.delete });
    const ruling = isPrimary(this.#context) ? encodeRuling({ delete: decision.delete, best: this.#best }) : null;
    return { ...request, ruling };
  }

  /** Reads a checkpoint back. Returns what this rank's callbacks remembered in it. */
  #look(step: number): JsonObject {
    const { world, platform, journal } = this.#context;
    const isHidden = this.#context.faults.hides(step);
    const { manifestSha256, problem } = isHidden ? hidden(step) : this.#read(step);
    journal.append({ type: 'checkpoint:seen', step, manifestSha256, problem });
    return isHidden ? {} : readCallbackState(platform.disk, this.#pathOf(step), world.rank);
  }

  #read(step: number): ReadCheckpoint {
    const { world, platform } = this.#context;
    const distance = ({ rank }: ManifestFile): number => (rank - world.rank + world.worldSize) % world.worldSize;
    const witnesses = world.worldSize <= WITNESSES ? WITNESSES : 2;
    return readCheckpoint(platform.disk, this.#pathOf(step), (file) => distance(file) < witnesses);
  }

  /** Nobody waits for the deletions: their failure is told at the next meeting. */
  #obey({ delete: doomed, best }: Ruling, atStep: number): void {
    this.#kept = this.#kept.filter(({ step }) => !doomed.includes(step));
    this.#best = best;
    this.#context.agreement.alone(BLAME, () => {
      if (isPrimary(this.#context)) this.#delete(doomed, atStep);
      this.#context.faults.afterRetention(atStep, this.#directory);
    });
  }

  #delete(doomed: readonly number[], atStep: number): void {
    for (const step of doomed) {
      if (this.#remove(step)) this.#context.journal.append({ type: 'checkpoint:deleted', step, atStep });
    }
    this.#listDisk(atStep);
  }

  /** Says whether it is gone: one that another run has made in its place stays. */
  #remove(step: number): boolean {
    const { world, lifeline, platform } = this.#context;
    if (platform.disk.kindOf(this.#pathOf(step)) === 'nothing') return true;
    // Once the launcher is dead, another run may use the directory.
    lifeline.check();
    if (makerOf(platform.disk, this.#pathOf(step)) !== world.runId) return false;
    removeCheckpoint(platform.disk, this.#pathOf(step), join(this.#directory, trashName(world.runId)));
    return true;
  }

  #listDisk(step: number): void {
    const checkpoints = listCommitted(this.#context.platform.disk, this.#directory);
    this.#context.journal.append({ type: 'disk:listed', step, checkpoints });
  }

  #pathOf = (step: number): string => join(this.#directory, checkpointName(step));
}

const hidden = (step: number): Omit<ReadCheckpoint, 'manifest'> => ({
  manifestSha256: '',
  problem: `${checkpointName(step)} is not there (simulated)`,
});

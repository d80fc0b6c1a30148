import { join } from 'node:path';
import type { TrainerControl } from '../shared/contracts/callback.ts';
import {
  type BestEntry,
  type CheckpointInfo,
  checkpointName,
  type ManifestFile,
  type RetentionDecision,
} from '../shared/contracts/checkpoint.ts';
import { CkptError, messageOf } from '../shared/contracts/errors.ts';
import { describe } from '../shared/contracts/expectation.ts';
import { isJsonObject, type JsonObject } from '../shared/contracts/json.ts';
import { encodeMetric } from '../shared/contracts/metric.ts';
import type { Scenario } from '../shared/contracts/scenario.ts';
import { checkDecision } from '../shared/policy/decision-check.ts';
import { type CheckpointContent, commitCheckpoint } from './checkpoint-commit.ts';
import { shardName } from './checkpoint-files.ts';
import { listCommitted, type ReadCheckpoint, readCheckpoint } from './checkpoint-reader.ts';
import { isPrimary, type RankContext } from './context.ts';
import { decide, type StepDecision } from './decision.ts';
import type { FaultInjector } from './fault-injector.ts';
import type { SimulatedModel } from './simulated-model.ts';

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

const isBestList = (value: unknown): value is readonly BestEntry[] =>
  Array.isArray(value) &&
  value.every((entry) => isJsonObject(entry) && typeof entry['step'] === 'number' && typeof entry['metric'] === 'number');

/** What all ranks ask for after a save, and what this rank's retention decided. */
interface SaveDecision {
  readonly asked: StepDecision;
  readonly retention: RetentionDecision;
}

/** Keeps the checkpoints of one scenario on one rank: the best list, the saves and the deletions. */
export class CheckpointManager {
  readonly #context: RankContext;
  readonly #scenario: Scenario;
  readonly #faults: FaultInjector;
  readonly #directory: string;
  /** Committed and not deleted, by ascending step. */
  #kept: readonly CheckpointInfo[] = [];
  #best: readonly BestEntry[] = [];

  constructor(context: RankContext, scenario: Scenario, faults: FaultInjector, directory: string) {
    this.#context = context;
    this.#scenario = scenario;
    this.#faults = faults;
    this.#directory = directory;
  }

  /** Best first. */
  get best(): readonly BestEntry[] {
    return this.#best;
  }

  /** Saves a step and deletes what retention lets go; all ranks together. Throws what went wrong on any rank. */
  async save(request: SaveRequest): Promise<StepDecision> {
    const savedCallbacks = await this.#commit(request);
    const { asked, retention } = await this.#decideTogether(request, savedCallbacks);
    this.#delete(retention, request.step);
    this.#faults.afterRetention(request.step, this.#directory);
    if (this.#scenario.saveOrder === 'update-after-save') this.#updateBest(request);
    return asked;
  }

  #updateBest({ step, metric }: SaveRequest): void {
    if (metric === undefined) return;
    const updated: unknown = this.#scenario.updateBestCheckpoints(this.#best, { step, metric }, this.#scenario);
    if (!isBestList(updated)) {
      const message = `updateBestCheckpoints at step ${step}: got ${describe(updated)}, expected an array of { step, metric }`;
      throw new CkptError(message, { code: 'CKPT_SCENARIO_INVALID', hint: 'Correct updateBestCheckpoints of the scenario.' });
    }
    this.#best = updated;
    this.#context.journal.append({ type: 'best:updated', step, best: this.#best });
  }

  /** Returns the callbacks' state as it was read back from the disk. */
  async #commit(request: SaveRequest): Promise<JsonObject> {
    const { journal, world } = this.#context;
    const { step, metric } = request;
    const manifestSha256 = await commitCheckpoint(this.#context, this.#faults, {
      directory: this.#pathOf(step),
      scenario: this.#scenario.name,
      step,
      prepare: () => this.#prepare(request),
    });
    this.#kept = [...this.#kept, { step, metric }];
    if (isPrimary(this.#context)) {
      journal.append({ type: 'checkpoint:committed', step, metric: encodeMetric(metric), manifestSha256 });
      this.#listDisk(step);
    }
    this.#faults.afterCommit(step, join(this.#pathOf(step), shardName(world.rank)));
    const seen = this.#look(step);
    journal.append({ type: 'checkpoint:seen', step, manifestSha256: seen.manifestSha256, problem: seen.problem });
    return seen.manifest?.callbacks ?? {};
  }

  #prepare(request: SaveRequest): CheckpointContent {
    if (this.#scenario.saveOrder === 'update-before-save') this.#updateBest(request);
    const { step, metric, model, evaluations, callbackState } = request;
    this.#context.journal.append({ type: 'save:started', step });
    const progress = { step, best: this.#best, evaluations, callbacks: callbackState(), outputDir: this.#context.plan.outputDir };
    return { scenario: this.#scenario, model, progress, metric };
  }

  #look(step: number): ReadCheckpoint {
    const { world, platform } = this.#context;
    if (this.#faults.hides(step)) {
      return { manifest: undefined, manifestSha256: '', problem: `${checkpointName(step)} is not there (simulated)` };
    }
    const distance = ({ rank }: ManifestFile): number => (rank - world.rank + world.worldSize) % world.worldSize;
    const witnesses = world.worldSize <= WITNESSES ? WITNESSES : 2;
    return readCheckpoint(platform.disk, this.#pathOf(step), (file) => distance(file) < witnesses);
  }

  async #decideTogether({ step, onCommitted }: SaveRequest, savedCallbacks: JsonObject): Promise<SaveDecision> {
    let retention: RetentionDecision = { preserve: [], delete: [] };
    const asked = await decide(this.#context, `${this.#scenario.name}/save@${step}:seen`, async (control) => {
      await onCommitted(savedCallbacks, control);
      retention = this.#decideRetention(step);
    });
    return { asked, retention };
  }

  #decideRetention(step: number): RetentionDecision {
    const decision = this.#runRetention(step);
    const wrong = checkDecision(decision, this.#kept);
    if (wrong !== undefined) throw invalidRetention(step, wrong);
    this.#context.journal.append({ type: 'retention:decided', step, preserve: decision.preserve, delete: decision.delete });
    return decision;
  }

  #runRetention(step: number): RetentionDecision {
    const { retention, saveTotalLimit, preserveNBest, mode } = this.#scenario;
    try {
      return retention({ checkpoints: this.#kept, best: this.#best, saveTotalLimit, preserveNBest, mode });
    } catch (cause) {
      throw invalidRetention(step, `it threw: ${messageOf(cause)}`, cause);
    }
  }

  #delete(decision: RetentionDecision, atStep: number): void {
    this.#kept = this.#kept.filter(({ step }) => !decision.delete.includes(step));
    if (!isPrimary(this.#context)) return;
    for (const step of decision.delete) {
      this.#remove(step);
      this.#context.journal.append({ type: 'checkpoint:deleted', step, atStep });
    }
    this.#listDisk(atStep);
  }

  /** Renamed before it is removed, so that a half-removed directory is never taken for a checkpoint. */
  #remove(step: number): void {
    const { disk } = this.#context.platform;
    if (disk.kindOf(this.#pathOf(step)) === 'nothing') return;
    const trash = join(this.#directory, `.trash-${this.#context.world.runId}`);
    disk.makeDirectory(trash);
    disk.rename(this.#pathOf(step), join(trash, checkpointName(step)));
    disk.removeTree(trash);
  }

  #listDisk(step: number): void {
    const checkpoints = listCommitted(this.#context.platform.disk, this.#directory);
    this.#context.journal.append({ type: 'disk:listed', step, checkpoints });
  }

  #pathOf = (step: number): string => join(this.#directory, checkpointName(step));
}

const invalidRetention = (step: number, wrong: string, cause?: unknown): CkptError =>
  new CkptError(`retention at step ${step}: ${wrong}`, {
    code: 'CKPT_RETENTION_INVALID',
    hint: "Correct the scenario's retention: it returns every step it was given, once, in preserve or in delete.",
    cause,
  });

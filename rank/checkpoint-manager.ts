import { join } from 'node:path';
import {
  type BestEntry,
  type CheckpointInfo,
  checkpointName,
  type ManifestFile,
  type RetentionDecision,
} from '../shared/contracts/checkpoint.ts';
import { CkptError } from '../shared/contracts/errors.ts';
import { describe } from '../shared/contracts/expectation.ts';
import { isJsonObject, type Json, type JsonObject } from '../shared/contracts/json.ts';
import { encodeMetric } from '../shared/contracts/metric.ts';
import type { Scenario } from '../shared/contracts/scenario.ts';
import { checkDecision } from '../shared/policy/decision-check.ts';
import { agree } from './agreement.ts';
import { commitCheckpoint } from './checkpoint-commit.ts';
import { shardName } from './checkpoint-files.ts';
import { listCommitted, type ReadCheckpoint, readCheckpoint } from './checkpoint-reader.ts';
import { isPrimary, type RankContext } from './context.ts';
import type { FaultInjector } from './fault-injector.ts';
import type { SimulatedModel } from './simulated-model.ts';

/** What the trainer brings to a save. */
export interface SaveRequest {
  readonly step: number;
  readonly metric: number | undefined;
  readonly model: SimulatedModel;
  readonly evaluations: readonly CheckpointInfo[];
  readonly callbackState: JsonObject;
  /** Runs once the checkpoint is committed and before anything is deleted, with the callbacks' state as it was read back. */
  readonly onCommitted: (callbackState: JsonObject) => Promise<void>;
}

/** How many ranks read back each rank's files: all of them up to this world size; beyond it cost would grow with its square. */
const WITNESSES = 8;

const RETAINED = {
  blame: { code: 'CKPT_RETENTION_INVALID', hint: 'Correct the callback or the retention of the scenario.' },
  accepts: (value: Json): value is null => value === null,
} as const;

const isBestList = (value: unknown): value is readonly BestEntry[] =>
  Array.isArray(value) &&
  value.every((entry) => isJsonObject(entry) && typeof entry['step'] === 'number' && typeof entry['metric'] === 'number');

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
  async save(request: SaveRequest): Promise<void> {
    const { saveOrder } = this.#scenario;
    if (saveOrder === 'update-before-save') this.#updateBest(request);
    const savedCallbacks = await this.#commit(request);
    const decision = await this.#decideTogether(request, savedCallbacks);
    this.#delete(decision, request.step);
    this.#faults.afterRetention(request.step, this.#directory);
    if (saveOrder === 'update-after-save') this.#updateBest(request);
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
  async #commit({ step, metric, model, evaluations, callbackState }: SaveRequest): Promise<JsonObject> {
    const { journal, plan, world } = this.#context;
    journal.append({ type: 'save:started', step });
    const progress = { step, best: this.#best, evaluations, callbacks: callbackState, outputDir: plan.outputDir };
    const content = { scenario: this.#scenario, model, progress, metric };
    const manifestSha256 = await commitCheckpoint(this.#context, this.#faults, this.#pathOf(step), content);
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

  #look(step: number): ReadCheckpoint {
    const { world, platform } = this.#context;
    if (this.#faults.hides(step)) {
      return { manifest: undefined, manifestSha256: '', problem: `${checkpointName(step)} is not there (simulated)` };
    }
    const distance = ({ rank }: ManifestFile): number => (rank - world.rank + world.worldSize) % world.worldSize;
    return readCheckpoint(platform.disk, this.#pathOf(step), (file) => distance(file) < WITNESSES);
  }

  async #decideTogether({ step, onCommitted }: SaveRequest, savedCallbacks: JsonObject): Promise<RetentionDecision> {
    let decision: RetentionDecision = { preserve: [], delete: [] };
    await agree(this.#context.barrier, { name: `${this.#scenario.name}/save@${step}:seen`, ...RETAINED }, async () => {
      await onCommitted(savedCallbacks);
      decision = this.#decide(step);
      return null;
    });
    return decision;
  }

  #decide(step: number): RetentionDecision {
    const { retention, saveTotalLimit, preserveNBest, mode } = this.#scenario;
    const decision = retention({ checkpoints: this.#kept, best: this.#best, saveTotalLimit, preserveNBest, mode });
    const wrong = checkDecision(decision, this.#kept);
    if (wrong !== undefined) throw new CkptError(`retention at step ${step}: ${wrong}`, RETAINED.blame);
    this.#context.journal.append({ type: 'retention:decided', step, preserve: decision.preserve, delete: decision.delete });
    return decision;
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

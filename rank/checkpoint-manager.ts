import { join } from 'node:path';
import { type BestEntry, checkpointName, type CheckpointInfo, type ManifestFile, type RetentionDecision } from '../shared/contracts/checkpoint.ts';
import { CkptError } from '../shared/contracts/errors.ts';
import type { Json, JsonObject } from '../shared/contracts/json.ts';
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

/** Keeps the checkpoints of one scenario: the best list, the saves and the deletions. */
export interface CheckpointManager {
  readonly best: readonly BestEntry[];
  save(request: SaveRequest): Promise<void>;
}

/** How many ranks read back each rank's files: all of them up to this world size; beyond it cost would grow with its square. */
const WITNESSES = 8;

const RETAINED = {
  blame: { code: 'CKPT_RETENTION_INVALID', hint: 'Correct the callback or the retention of the scenario.' },
  accepts: (value: Json): value is null => value === null,
} as const;

/** Opens the manager of one scenario in its directory. */
export function checkpointManager(context: RankContext, scenario: Scenario, faults: FaultInjector, directory: string): CheckpointManager {
  const { world, journal, platform, barrier } = context;
  const { disk } = platform;
  let best: readonly BestEntry[] = [];
  let kept: readonly CheckpointInfo[] = [];

  const pathOf = (step: number): string => join(directory, checkpointName(step));

  const updateBest = ({ step, metric }: SaveRequest): void => {
    if (metric === undefined) return;
    best = scenario.updateBestCheckpoints(best, { step, metric }, scenario);
    journal.append({ type: 'best:updated', step, best });
  };

  const commit = async ({ step, metric, model, evaluations, callbackState }: SaveRequest): Promise<JsonObject> => {
    journal.append({ type: 'save:started', step });
    const progress = { step, best, evaluations, callbacks: callbackState, outputDir: context.plan.outputDir };
    const manifestSha256 = await commitCheckpoint(context, faults, pathOf(step), { scenario, model, progress, metric });
    kept = [...kept, { step, metric }];
    if (isPrimary(context)) {
      journal.append({ type: 'checkpoint:committed', step, metric: encodeMetric(metric), manifestSha256 });
      listDisk(step);
    }
    faults.afterCommit(step, join(pathOf(step), shardName(world.rank)));
    const seen = look(step);
    journal.append({ type: 'checkpoint:seen', step, manifestSha256: seen.manifestSha256, problem: seen.problem });
    return seen.manifest?.callbacks ?? {};
  };

  const look = (step: number): ReadCheckpoint => {
    if (faults.hides(step)) return { manifest: undefined, manifestSha256: '', problem: `${checkpointName(step)} is not there (simulated)` };
    const examines = ({ rank }: ManifestFile): boolean => (rank - world.rank + world.worldSize) % world.worldSize < WITNESSES;
    return readCheckpoint(disk, pathOf(step), examines);
  };

  const listDisk = (step: number): void => journal.append({ type: 'disk:listed', step, checkpoints: listCommitted(disk, directory) });

  const decide = (step: number): RetentionDecision => {
    const { saveTotalLimit, preserveNBest, mode } = scenario;
    const decision = scenario.retention({ checkpoints: kept, best, saveTotalLimit, preserveNBest, mode });
    const wrong = checkDecision(decision, kept);
    if (wrong !== undefined) throw new CkptError(`retention at step ${step}: ${wrong}`, { code: RETAINED.blame.code, hint: RETAINED.blame.hint });
    journal.append({ type: 'retention:decided', step, preserve: decision.preserve, delete: decision.delete });
    return decision;
  };

  const retain = async ({ step, onCommitted }: SaveRequest, savedCallbacks: JsonObject): Promise<void> => {
    let decision: RetentionDecision = { preserve: [], delete: [] };
    await agree(barrier, { name: `${scenario.name}/save@${step}:seen`, ...RETAINED }, async () => {
      await onCommitted(savedCallbacks);
      decision = decide(step);
      return null;
    });
    kept = kept.filter((checkpoint) => !decision.delete.includes(checkpoint.step));
    if (!isPrimary(context)) return;
    for (const doomed of decision.delete) {
      remove(doomed);
      journal.append({ type: 'checkpoint:deleted', step: doomed, atStep: step });
    }
    listDisk(step);
  };

  const remove = (step: number): void => {
    if (disk.kindOf(pathOf(step)) === 'nothing') return;
    const trash = join(directory, `.trash-${world.runId}`);
    disk.makeDirectory(trash);
    disk.rename(pathOf(step), join(trash, checkpointName(step)));
    disk.removeTree(trash);
  };

  return {
    get best() {
      return best;
    },
    save: async (request) => {
      if (scenario.saveOrder === 'update-before-save') updateBest(request);
      await retain(request, await commit(request));
      faults.afterRetention(request.step, directory);
      if (scenario.saveOrder === 'update-after-save') updateBest(request);
    },
  };
}

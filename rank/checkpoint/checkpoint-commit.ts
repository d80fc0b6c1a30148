import { dirname, join } from 'node:path';
import { asideName, MANIFEST, type Manifest, type ManifestFile } from '../../shared/contracts/checkpoint.ts';
import type { Json, JsonObject } from '../../shared/contracts/json.ts';
import { isManifestFile } from '../../shared/contracts/manifest.ts';
import { encodeMetric } from '../../shared/contracts/metric.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import type { Meeting } from '../agreement.ts';
import { isPrimary, type RankContext, type TrainingContext } from '../context.ts';
import type { SimulatedModel } from '../training/simulated-model.ts';
import { sha256, writeRankFiles } from './checkpoint-files.ts';
import type { TrainerProgress } from './trainer-state-file.ts';

/** What is saved. */
export interface CheckpointContent {
  readonly scenario: Scenario;
  readonly model: SimulatedModel;
  readonly progress: TrainerProgress;
  /** The evaluation metric of this step, if it was evaluated. */
  readonly metric: number | undefined;
}

const BLAME = {
  code: 'CKPT_CHECKPOINT_WRITE_FAILED',
  hint: 'Free space or permissions on the output directory, then run again; no committed checkpoint was touched.',
} as const;

const WRITTEN = {
  blame: BLAME,
  accepts: (value: Json): value is readonly (JsonObject & ManifestFile)[] => Array.isArray(value) && value.every(isManifestFile),
};
const COMMITTED = { blame: BLAME, accepts: (value: Json): value is string | null => value === null || typeof value === 'string' };

/** What is to be committed, and where. */
export interface Commit {
  readonly directory: string;
  readonly scenario: string;
  readonly step: number;
  /** Gives what this rank saves; what it throws is carried to all ranks. */
  readonly prepare: () => CheckpointContent;
}

/**
 * Makes a checkpoint exist, all or nothing: every rank writes and fsyncs its files aside; when all have, rank 0 writes the
 * manifest, renames the directory into place and fsyncs its parent. Returns the manifest's SHA-256 on every rank.
 */
export async function commitCheckpoint(
  context: TrainingContext,
  { directory, scenario, step, prepare }: Commit,
): Promise<string> {
  const { world, agreement, platform, faults } = context;
  let content: CheckpointContent | undefined;
  const aside = join(dirname(directory), asideName(step, world.runId, world.attempt));
  const meeting = <T extends Json>(phase: string, rest: Omit<Meeting<T>, 'name'>): Meeting<T> => ({
    name: `${scenario}/save@${step}:${phase}`,
    ...rest,
  });

  const written = await agreement.agree(meeting('written', WRITTEN), async () => {
    content = prepare();
    platform.disk.makeDirectory(aside);
    faults.beforeWrite(step);
    const files = await writeRankFiles(platform.disk, aside, world.rank, content);
    return files.map((file) => ({ ...file }));
  });
  const committed = await agreement.agree(meeting('committed', COMMITTED), () =>
    isPrimary(context) && content !== undefined
      ? commit(context, aside, directory, manifestOf(context, content, written.flat()))
      : null,
  );
  return committed[0] ?? '';
}

async function commit(
  { platform: { disk }, lifeline }: RankContext,
  aside: string,
  directory: string,
  manifest: Manifest,
): Promise<string> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  disk.write(join(aside, MANIFEST), text);
  await disk.sync([join(aside, MANIFEST), aside]);
  // Once the launcher is dead, another run may use the directory.
  lifeline.check();
  disk.rename(aside, directory);
  await disk.sync([dirname(directory)]);
  return sha256(text);
}

const manifestOf = ({ world }: RankContext, content: CheckpointContent, files: readonly ManifestFile[]): Manifest => ({
  format: 'ckpt-run-checkpoint',
  version: 1,
  runId: world.runId,
  scenario: content.scenario.name,
  step: content.progress.step,
  worldSize: world.worldSize,
  metricName: content.scenario.metricName,
  mode: content.scenario.mode,
  metric: encodeMetric(content.metric),
  best: content.progress.best,
  callbacks: content.progress.callbacks,
  files,
});

import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { ManifestFile } from '../../shared/contracts/checkpoint.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import type { SimulatedModel } from '../training/simulated-model.ts';
import { encodeSafetensors } from './safetensors.ts';
import { type TrainerProgress, trainerState } from './trainer-state-file.ts';

/** The file with one rank's part of the optimizer. */
export const shardName = (rank: number): string => `optimizer_state_${rank}.safetensors`;

/** The file with what only one rank knows: its random state, and what its callbacks remember. */
export const rankStateName = (rank: number): string => `rng_state_${rank}.json`;

/** Lower-case hexadecimal. */
export const sha256 = (content: string | Uint8Array): string => hash('sha256', content);

/**
 * Writes and fsyncs one rank's files into a directory: its optimizer shard and its own state, and on rank 0 the weights
 * that all ranks share and the trainer's state.
 */
export async function writeRankFiles(
  disk: Disk,
  directory: string,
  rank: number,
  parts: { readonly scenario: Scenario; readonly model: SimulatedModel; readonly progress: TrainerProgress },
): Promise<readonly ManifestFile[]> {
  const written = Object.entries(rankFiles(rank, parts)).map(([path, content]) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    disk.write(join(directory, path), bytes);
    return { path, bytes: bytes.length, sha256: sha256(bytes), rank };
  });
  await disk.sync(written.map(({ path }) => join(directory, path)));
  return written;
}

function rankFiles(
  rank: number,
  {
    scenario,
    model,
    progress,
  }: { readonly scenario: Scenario; readonly model: SimulatedModel; readonly progress: TrainerProgress },
): Readonly<Record<string, string | Buffer>> {
  const { callbacks } = progress;
  const metadata = { format: 'pt', step: String(progress.step) };
  const own = {
    [shardName(rank)]: encodeSafetensors({ momentum: model.momentum }, metadata),
    [rankStateName(rank)]: `${JSON.stringify({ rank, algorithm: 'mulberry32', state: model.random.state, callbacks })}\n`,
  };
  if (rank !== 0) return own;
  return {
    ...own,
    'model.safetensors': encodeSafetensors({ weight: model.weights }, metadata),
    'trainer_state.json': `${JSON.stringify(trainerState(scenario, progress), null, 2)}\n`,
  };
}

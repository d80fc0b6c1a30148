import type { RankContext } from './context.ts';

/**
 * Journals how much this rank has printed since its process started. Each rank measures for itself, because no other knows
 * when it has come to a point; rank 0 prints to the launcher's output and is not measured.
 */
export function measureOutput({ world, run, platform: { disk }, journal }: RankContext): void {
  if (world.rank === 0) return;
  const bytes = disk.sizeOf(run.stdout(world.localRank)) + disk.sizeOf(run.stderr(world.localRank));
  journal.append({ type: 'output:measured', bytes });
}

import type { Disk } from '../shared/platform/disk.ts';
import type { RankContext } from './context.ts';
import { SIMULATION_NOTICES } from './faults/simulation.ts';

/**
 * Journals how much this rank has printed since its process started. Each rank measures for itself, because no other knows
 * when it has come to a point; rank 0 prints to the launcher's output and is not measured.
 */
export function measureOutput({
  world,
  run,
  platform: { disk },
  journal,
}: Pick<RankContext, 'world' | 'run' | 'platform' | 'journal'>): void {
  if (world.rank === 0) return;
  const bytes = disk.sizeOf(run.stdout(world.localRank)) + noticesBytes(disk, run.stderr(world.localRank));
  journal.append({ type: 'output:measured', bytes });
}

/** What Node says when somebody looks at the rank through its inspector. */
const VISITED = /^Debugger attached\.\n/gm;

/** Bytes of the rank's own in its standard error: neither those of its visitors nor those of what was done to it. */
function noticesBytes(disk: Disk, path: string): number {
  const size = disk.sizeOf(path);
  if (size === 0) return 0;
  const text = disk.readText(path);
  const others = [VISITED, SIMULATION_NOTICES].flatMap((line) => text.match(line) ?? []);
  return size - Buffer.byteLength(others.join(''));
}

import type { Arrival, BarrierEvidence } from '../../shared/contracts/barrier.ts';
import { isJsonObject, parseJson } from '../../shared/contracts/json.ts';
import { barrierPaths, readArrivalName } from '../../shared/platform/barrier/barrier-paths.ts';
import type { Disk } from '../../shared/platform/disk.ts';

/** The arrivals at a barrier as the launcher sees them, in rank order; those that cannot be read are left out. */
export function readArrivals(disk: Disk, directory: string, sequence: number): readonly Arrival[] {
  const paths = barrierPaths(directory);
  const ranks = disk.list(paths.arrivals(sequence)).flatMap((name) => {
    const found = readArrivalName(name);
    return found?.sequence === sequence ? [found.rank] : [];
  });
  return ranks
    .sort((a, b) => a - b)
    .flatMap((rank) => parseJson(disk.readTextIfAny(paths.arrival(sequence, rank)) ?? '', isArrival) ?? []);
}

/**
 * Between the first arrival of these ranks and the outcome of the barrier, or now where there is none. Both are times of files:
 * the clock of a rank may be wrong, and the launcher may hear of the outcome late. Milliseconds.
 */
export function waitedAt(
  disk: Disk,
  directory: string,
  { sequence, arrived }: Pick<BarrierEvidence, 'sequence' | 'arrived'>,
  nowMs: number,
): number {
  const paths = barrierPaths(directory);
  const endMs = disk.changedAtMs(paths.decision(sequence)) ?? nowMs;
  const times = arrived.flatMap((rank) => disk.changedAtMs(paths.arrival(sequence, rank)) ?? []);
  return Math.max(0, Math.round(endMs - Math.min(endMs, ...times)));
}

const isArrival = (value: unknown): value is Arrival =>
  isJsonObject(value) &&
  ['sequence', 'rank', 'worldSize', 'pid', 'arrivedAtMs'].every((field) => typeof value[field] === 'number') &&
  ['name', 'host', 'fingerprint'].every((field) => typeof value[field] === 'string');

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

/** When the first of those that arrived in time did so, by the clock of the file system; milliseconds. */
export function firstArrivalMs(
  disk: Disk,
  directory: string,
  { sequence, arrived }: Pick<BarrierEvidence, 'sequence' | 'arrived'>,
): number | undefined {
  const paths = barrierPaths(directory);
  const times = arrived.flatMap((rank) => disk.changedAtMs(paths.arrival(sequence, rank)) ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

const isArrival = (value: unknown): value is Arrival =>
  isJsonObject(value) &&
  ['sequence', 'rank', 'worldSize', 'pid', 'arrivedAtMs'].every((field) => typeof value[field] === 'number') &&
  ['name', 'host', 'fingerprint'].every((field) => typeof value[field] === 'string');

import type { Arrival } from '../../shared/contracts/barrier.ts';
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

const isArrival = (value: unknown): value is Arrival =>
  isJsonObject(value) &&
  ['sequence', 'rank', 'worldSize', 'pid', 'arrivedAtMs'].every((field) => typeof value[field] === 'number') &&
  ['name', 'host', 'fingerprint'].every((field) => typeof value[field] === 'string');

import type { BarrierKey } from '../../contracts/barrier.ts';
import { isJsonObject, parseJson } from '../../contracts/json.ts';
import type { Disk } from '../disk.ts';
import { barrierPaths, readArrivalName, sequencesOf } from './barrier-paths.ts';

/** The barrier at which ranks wait, seen from outside. */
export interface Waiting {
  readonly barrier: BarrierKey;
  /** Who has arrived, ascending. */
  readonly ranks: readonly number[];
}

/** Looks below a `barriers` directory; undefined where nobody waits. */
export function waitingRanks(disk: Disk, directory: string): Waiting | undefined {
  const paths = barrierPaths(directory);
  const arrived = paths.allArrivals.flatMap((each) => disk.list(each)).flatMap((name) => readArrivalName(name) ?? []);
  const sequence = Math.max(-1, ...arrived.map((each) => each.sequence));
  // Looked at after the arrivals: what was decided in between is later than they are.
  const decided = Math.max(-1, ...sequencesOf(disk.list(paths.decisions)));
  if (sequence <= decided) return undefined;
  const ranks = arrived.flatMap((each) => (each.sequence === sequence ? [each.rank] : [])).sort((a, b) => a - b);
  const name = ranks.map((rank) => nameIn(disk.readTextIfAny(paths.arrival(sequence, rank)))).find((each) => each !== undefined);
  return name === undefined ? undefined : { barrier: { sequence, name }, ranks };
}

const nameIn = (arrival: string | undefined): string | undefined => parseJson(arrival ?? '', isNamed)?.name;

const isNamed = (value: unknown): value is { readonly name: string } => isJsonObject(value) && typeof value['name'] === 'string';

import type { BarrierKey } from '../../contracts/barrier.ts';

type Sequence = BarrierKey['sequence'];

/**
 * The names of the files of an attempt's barriers, below one directory:
 *
 *     arrivals-<sequence mod 3>/<sequence>-rank-<r>   an arrival, one line of JSON
 *     decisions/<sequence>.json                       an outcome, one line of JSON
 *     tmp/                                            private names
 *
 * Sequences have six digits at least, and spaces may follow a line.
 */
export interface BarrierPaths {
  readonly temporary: string;
  readonly decisions: string;
  /** The three directories of arrivals. */
  readonly allArrivals: readonly string[];
  arrivals(sequence: Sequence): string;
  arrival(sequence: Sequence, rank: number): string;
  decision(sequence: Sequence): string;
}

/** Spells them below a `barriers` directory. */
export function barrierPaths(directory: string): BarrierPaths {
  const arrivals = (sequence: Sequence): string => `${directory}/arrivals-${sequence % 3}`;
  return {
    temporary: `${directory}/tmp`,
    decisions: `${directory}/decisions`,
    allArrivals: [0, 1, 2].map(arrivals),
    arrivals,
    arrival: (sequence, rank) => `${arrivals(sequence)}/${digits(sequence)}-rank-${rank}`,
    decision: (sequence) => `${directory}/decisions/${decisionName(sequence)}`,
  };
}

/** The name of an outcome in `decisions`. */
export const decisionName = (sequence: Sequence): string => `${digits(sequence)}.json`;

/** The barriers whose outcomes have these names. */
export const sequencesOf = (decisionNames: readonly string[]): readonly Sequence[] =>
  decisionNames.map((name) => Number.parseInt(name, 10));

/** What the name of an arrival says; undefined for another name. */
export function readArrivalName(name: string): { readonly sequence: Sequence; readonly rank: number } | undefined {
  const [, sequence, rank] = /^(\d{6,})-rank-(\d+)$/.exec(name) ?? [];
  return sequence === undefined ? undefined : { sequence: Number(sequence), rank: Number(rank) };
}

const digits = (sequence: Sequence): string => String(sequence).padStart(6, '0');

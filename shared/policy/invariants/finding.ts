import { type BestEntry, checkpointName } from '../../contracts/checkpoint.ts';
import type { Finding } from '../../contracts/verdict.ts';

/** One way in which an invariant does not hold, on one rank. */
export interface Violation {
  /** Undefined when it belongs to no step. */
  readonly step: number | undefined;
  readonly rank: number;
  /** One sentence, the same on every rank that it concerns. */
  readonly message: string;
  readonly expected: string;
  readonly found: string;
}

/** The first violation with every rank that shares it; the given message when there is none. */
export function findingOf(invariant: string, passed: string, violations: readonly Violation[]): Finding {
  const first = violations.reduce<Violation | undefined>(
    (a, b) => (a === undefined || orderOf(b) < orderOf(a) ? b : a),
    undefined,
  );
  if (first === undefined) return { invariant, status: 'passed', message: passed };
  const { step, message, expected, found } = first;
  const sharing = violations.filter((other) => other.step === step && other.message === message);
  const ranks = [...new Set(sharing.map(({ rank }) => rank))].sort((a, b) => a - b);
  return { invariant, status: 'failed', message, expected, found, ...(step === undefined ? {} : { step }), ranks };
}

const orderOf = ({ step }: Violation): number => step ?? Number.POSITIVE_INFINITY;

/** Checkpoints by name, in the order given. */
export const names = (steps: readonly number[]): string => (steps.length === 0 ? 'none' : steps.map(checkpointName).join(', '));

/** A best list with its exact metrics, best first. */
export const namesWithMetric = (best: readonly BestEntry[]): string =>
  best.length === 0 ? 'none' : best.map(({ step, metric }) => `${checkpointName(step)}: ${metric}`).join(', ');

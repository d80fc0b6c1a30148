import type { RandomStream } from '../../shared/platform/random.ts';

/** What is done to a run while it lasts. */
export interface Blow {
  readonly afterMs: number;
  readonly signal: 'SIGKILL' | 'SIGSTOP' | 'SIGTERM';
  readonly target: 'launcher' | number;
}

/** One run, and what it must suffer. */
export interface RoundPlan {
  readonly ranks: number;
  readonly restarts: number;
  /** In a directory that many runs use one after the other, or in a temporary one. */
  readonly place: 'named' | 'temporary';
  /** How long each rank works; undefined for ever. */
  readonly workMs: number | undefined;
  readonly blows: readonly Blow[];
}

const SIGNALS = ['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const;

/** Draws a plan: the same stream gives the same one. */
export function drawRound(chance: RandomStream): RoundPlan {
  const below = (limit: number): number => Math.floor(chance.next() * limit);
  const ranks = 1 + below(4);
  const drawBlow = (): Blow => ({
    afterMs: below(600),
    signal: SIGNALS[below(SIGNALS.length)] ?? 'SIGTERM',
    target: chance.next() < 0.4 ? 'launcher' : below(ranks),
  });
  const restarts = below(3);
  const place = chance.next() < 0.5 ? 'named' : 'temporary';
  const workMs = chance.next() < 0.5 ? below(300) : undefined;
  return { ranks, restarts, place, workMs, blows: Array.from({ length: 1 + below(3) }, drawBlow) };
}

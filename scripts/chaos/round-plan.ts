import type { RandomStream } from '../../shared/platform/random.ts';

/** What is done to a run while it lasts: to the launcher of a node, or to a rank. */
export interface Blow {
  readonly afterMs: number;
  readonly signal: 'SIGKILL' | 'SIGSTOP' | 'SIGTERM';
  readonly target: { readonly launcher: number } | { readonly rank: number };
}

/** One run, and what it must suffer. */
export interface RoundPlan {
  /** Each has a launcher of its own. */
  readonly nodes: number;
  readonly ranksPerNode: number;
  readonly restarts: number;
  /** In a directory that many runs use one after the other, or in a temporary one. */
  readonly place: 'named' | 'temporary';
  /** Where the ranks' output goes. */
  readonly streams: readonly string[];
  /** How long each rank works; undefined for ever. */
  readonly workMs: number | undefined;
  readonly blows: readonly Blow[];
}

const SIGNALS = ['SIGKILL', 'SIGSTOP', 'SIGTERM'] as const;
const STREAMS = [[], ['-t', '3'], ['-r', '3'], ['-r', '0:3', '-t', '1:2']] as const;

/** Draws a plan: the same stream gives the same one. */
export function drawRound(chance: RandomStream): RoundPlan {
  const below = (limit: number): number => Math.floor(chance.next() * limit);
  const nodes = chance.next() < 0.25 ? 2 : 1;
  const ranksPerNode = 1 + below(4 / nodes);
  const drawBlow = (): Blow => ({
    afterMs: below(600),
    signal: SIGNALS[below(SIGNALS.length)] ?? 'SIGTERM',
    target: chance.next() < 0.4 ? { launcher: below(nodes) } : { rank: below(nodes * ranksPerNode) },
  });
  const restarts = below(3);
  const place = chance.next() < 0.5 ? 'named' : 'temporary';
  const streams = STREAMS[below(STREAMS.length)] ?? [];
  const workMs = chance.next() < 0.5 ? below(300) : undefined;
  const blows = Array.from({ length: 1 + below(3) }, drawBlow);
  // Several nodes share a named directory, and do not start again.
  if (nodes > 1) return { nodes, ranksPerNode, restarts: 0, place: 'named', streams, workMs, blows };
  return { nodes, ranksPerNode, restarts, place, streams, workMs, blows };
}

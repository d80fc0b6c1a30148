import type { Evidence } from '../../contracts/evidence.ts';
import { type Replay, replay } from './replay.ts';

/** The evidence, and what most invariants ask of it, worked out once for them all. */
export interface Account extends Evidence, Replay {}

/** Works it out. Throws where the history is not whole. */
export function accountOf(evidence: Evidence): Account {
  const rank = evidence.unreadable.findIndex((lines) => lines > 0);
  if (rank < 0) return { ...evidence, ...replay(evidence) };
  throw new Error(`lines in the journal of rank ${rank} cannot be read: ${evidence.unreadable[rank]}`);
}

import type { Evidence } from '../../contracts/evidence.ts';
import { type Replay, replay } from './replay.ts';

/** The evidence, and what most invariants ask of it, worked out once for them all. */
export interface Account extends Evidence, Replay {}

/** Works it out. */
export const accountOf = (evidence: Evidence): Account => ({ ...evidence, ...replay(evidence) });

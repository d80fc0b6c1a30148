import type { Finding } from '../../contracts/verdict.ts';
import type { Account } from './account.ts';

/** The five headings under "What Gets Tested" in the user's document. */
export const INVARIANT_GROUPS = [
  'Checkpoint Preservation',
  'Race Condition Fix',
  'Divergence Detection',
  'DDP Coordination',
  'Metrics Tracking',
] as const;

export type InvariantGroup = (typeof INVARIANT_GROUPS)[number];

/** Something that must hold for every run, at every step of its history. */
export interface Invariant {
  /** Lower-case words and dashes. */
  readonly name: string;
  readonly group: InvariantGroup;
  /** The line of the user's document that it covers. */
  readonly covers: string;
  /** One sentence: what must hold. */
  readonly claim: string;
  /** What to do when it does not hold, in the imperative. */
  readonly hint: string;
  /** One finding or more; pure. */
  readonly check: (account: Account) => readonly Finding[];
}

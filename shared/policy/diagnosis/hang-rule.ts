import type { CodePlace, Confidence, HangClass, RankEvidence } from '../../contracts/diagnosis.ts';
import type { HangAccount } from './hang-account.ts';

/** What a rule makes of the evidence when it fits. */
export interface Conclusion {
  /** The culprits, ascending; both sides where it cannot be said which is wrong. */
  readonly ranks: readonly number[];
  readonly place: CodePlace | null;
  /** How sure it would be if everything that could speak for another class had been seen. */
  readonly confidence: Confidence;
  readonly says: string;
  readonly evidence: readonly string[];
  /** Other ranks that do not arrive because of the culprits. */
  readonly explains?: readonly number[];
  /** In place of the rule's. */
  readonly hint?: string;
}

/** One class of hangs: by what it is known, and what speaks against it. */
export interface HangRule {
  readonly class: HangClass;
  /** One sentence: what is the matter. */
  readonly claim: string;
  /** By what evidence it is known. */
  readonly needs: string;
  /** What to do, in the imperative. */
  readonly hint: string;
  /** Whether what it needs is never denied, so that nothing unseen could lead elsewhere. */
  readonly isCertain?: true;
  /** Undefined when the evidence does not show this class. Pure. */
  readonly examine: (account: HangAccount) => Conclusion | undefined;
  /** A clause against it, of evidence seen, or that the evidence is missing; undefined when there is nothing to say. */
  readonly whyNot: (account: HangAccount, suspects: readonly RankEvidence[]) => string | undefined;
}

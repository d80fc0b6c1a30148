import { CkptError } from '../../shared/contracts/errors.ts';

/** Thrown by a barrier that a rank was ordered to skip: it ends what the rank is at, on this rank alone. */
export class LeftStep extends CkptError {
  constructor(sequence: number, name: string) {
    super(`ordered to skip barrier #${sequence} ${JSON.stringify(name)}`, {
      code: 'CKPT_FAULT_INJECTED',
      hint: 'Remove the fault to see the run without it.',
    });
  }
}

/** What a rank goes on with that was ordered to leave something. */
export const ifLeft =
  <T>(instead: T) =>
  (thrown: unknown): T => {
    if (thrown instanceof LeftStep) return instead;
    throw thrown;
  };

import { CkptError } from '../../shared/contracts/errors.ts';

/** Thrown by a barrier that a rank was ordered to skip: it ends the step that is under way, on this rank alone. */
export class LeftStep extends CkptError {
  constructor(sequence: number, name: string) {
    super(`ordered to skip barrier #${sequence} ${JSON.stringify(name)}, but no step is under way that could be left`, {
      code: 'CKPT_FAULT_INJECTED',
      hint: 'Order the fault for a barrier within a step.',
    });
    this.stack = `${this.name}: ${this.message}`;
  }
}

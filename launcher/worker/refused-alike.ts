import { CkptError } from '../../shared/contracts/errors.ts';
import { engineIn } from './engines.ts';

/** A refusal that rank 0 of an engine's ranks prints: this one is another rank, and ends without a word. */
export class RefusedAlike extends Error {
  readonly refusal: CkptError;

  constructor(refusal: CkptError) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
  }
}

/** Reads what all ranks are given alike. Throws what reading throws, and RefusedAlike where rank 0 says it. */
export function readAlike<T>(environment: Readonly<Record<string, string | undefined>>, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof CkptError && thrown.code === 'CKPT_USAGE' && hasSpeaker(environment)
      ? new RefusedAlike(thrown)
      : thrown;
  }
}

/** Pods of an Indexed Job have no output in common, and shells in them have the index, too. */
function hasSpeaker(environment: Readonly<Record<string, string | undefined>>): boolean {
  try {
    const engine = engineIn(environment);
    return engine?.worldSize !== undefined && engine.rank > 0;
  } catch {
    return false;
  }
}

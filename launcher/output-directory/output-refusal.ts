import { CkptError, messageOf } from '../../shared/contracts/errors.ts';

/** The output directory cannot be used. */
export const unusable = (message: string, hint = 'Choose another --output-dir.', cause?: unknown): CkptError =>
  new CkptError(message, { code: 'CKPT_OUTPUT_UNUSABLE', hint, ...(cause === undefined ? {} : { cause }) });

/** Runs `work`; what the system says against it becomes a refusal. */
export function attempt<T>(what: string, work: () => T, hint?: string): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof CkptError) throw thrown;
    throw unusable(`${what}: ${messageOf(thrown)}, expected a directory that can be written`, hint, thrown);
  }
}

import { CkptError, messageOf } from '../contracts/errors.ts';
import { codeOf } from './disk.ts';
import type { TextOutput } from './output.ts';

/** Standard output, where results go: what cannot be written there neither stops a run nor passes in silence. */
export interface Results extends TextOutput {
  /** Notes that something could not be written; a reader that has left wants no more, and loses nothing. */
  lose(why: unknown): void;
  /** Throws CKPT_RESULTS_UNWRITTEN when something could not be written. */
  check(): void;
}

/** Remembers what an output does not take. */
export function openResults(output: TextOutput): Results {
  let failure: CkptError | undefined;
  const lose = (why: unknown): void => {
    if (codeOf(why) !== 'EPIPE') failure ??= unwritten(why);
  };
  return {
    write: (text) => attempt(output, text, lose),
    lose,
    check: () => {
      if (failure !== undefined) throw failure;
    },
  };
}

/** Standard error, where notices go: what cannot be written there changes nothing. */
export const openNotices = (output: TextOutput): TextOutput => ({
  write: (text) => attempt(output, text, () => undefined),
});

function attempt(output: TextOutput, text: string, onFailure: (thrown: unknown) => void): void {
  try {
    output.write(text);
  } catch (thrown) {
    onFailure(thrown);
  }
}

function unwritten(cause: unknown): CkptError {
  const error = new CkptError(`the results could not be written: ${messageOf(cause)}`, {
    code: 'CKPT_RESULTS_UNWRITTEN',
    hint: 'Make room where standard output goes, or send it elsewhere; --report writes the results to a file besides.',
    cause,
  });
  // Where it was noticed helps nobody.
  error.stack = error.message;
  return error;
}

import { messageOf } from '../../shared/contracts/errors.ts';
import type { Logger } from '../../shared/platform/logger.ts';
import { warning } from '../notices.ts';
import type { OutputDirectory } from './output-directory.ts';

/** Removes what a run made. A failure does not change how it ended: it is told, with what stays. */
export function clear(output: OutputDirectory, tell: Logger['log']): void {
  try {
    output.clear();
  } catch (thrown) {
    tell(warning(`not everything in ${output.path} could be removed: ${messageOf(thrown)}`));
  }
}

/** Lets others use the directory. A failure does not change how the run ended either. */
export async function giveBack(output: OutputDirectory, tell: Logger['log']): Promise<void> {
  try {
    await output.release();
  } catch (thrown) {
    tell(warning(`${output.path} could not be given back: ${messageOf(thrown)}`));
  }
}

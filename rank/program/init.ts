import { CkptError } from '../../shared/contracts/errors.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { openProcessGroup } from './membership.ts';
import type { InitOptions, ProcessGroup } from './process-group.ts';

/**
 * Makes a program that ckpt-run has launched a member of its run; called once. Throws CKPT_USAGE in a process that is no rank.
 */
export function init(options: InitOptions = {}): ProcessGroup {
  try {
    return openProcessGroup(nodePlatform(), process.env, options);
  } catch (thrown) {
    // Where in our files it was noticed helps nobody.
    if (thrown instanceof CkptError) Error.captureStackTrace(thrown, init);
    throw thrown;
  }
}

import { CkptError } from '../../shared/contracts/errors.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import type { ProgramRequest } from './program-request.ts';

/** Launches any program as the ranks; gives the exit code. */
export function launchProgram(request: ProgramRequest, _surroundings: LaunchSurroundings): Promise<number> {
  const hint = 'Run it with torchrun until then.';
  throw new CkptError(`${request.title}: launching programs is not there yet`, { code: 'CKPT_INTERNAL', hint });
}

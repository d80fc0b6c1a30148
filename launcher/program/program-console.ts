import { byteOutput } from '../../shared/platform/byte-output.ts';
import { openLogger } from '../../shared/platform/logger.ts';
import { makePipes } from '../../shared/platform/real-pipes.ts';
import { type Console, openConsole } from '../console/console.ts';
import type { Terminals } from '../console/stream-plan.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';
import type { ProgramRequest } from './program-request.ts';

/** Where a run of a program meets whoever asked for it: its ranks print to the launcher's own streams. */
export interface ProgramSurroundings extends LaunchSurroundings {
  readonly terminals: Terminals;
}

/** The console of a whole run, and the surroundings with a voice that keeps to the lines of its ranks. */
export async function openProgramConsole(
  { output }: ProgramRequest,
  surroundings: ProgramSurroundings,
): Promise<{ readonly console: Console; readonly voiced: ProgramSurroundings }> {
  const { platform, terminals } = surroundings;
  const { clock, disk } = platform;
  const outputs = { stdout: byteOutput(1, clock), stderr: byteOutput(2, clock) };
  // Through its own queue: a write past it would wait for a reader that does not read.
  const warn = (text: string): void => voice.log(warning(text));
  const console = openConsole({ outputs, terminals, disk, clock, makePipes, warn });
  const stderr = console.output('stderr');
  const voice = await openLogger({ logFormat: output.logFormat, quiet: false, color: false }, clock, stderr, stderr, {});
  return { console, voiced: { ...surroundings, tell: voice.log } };
}

import type { Blame } from '../outcome/blame.ts';
import type { ProgramRequest } from './program-request.ts';

/** What is said when all ranks are started again; undefined where that could not help, or nothing failed. */
export function restartLine(blame: Blame | undefined, attempt: number, { maxRestarts }: ProgramRequest): string | undefined {
  const first = blame?.first;
  if (first === undefined || first.startError !== null) return undefined;
  const how = first.signal ?? `exit code ${first.exitCode}`;
  const what = first.exitCode === 0 ? 'ended early' : 'failed';
  return `rank ${first.host.rank} ${what} (${how}): restarting all ranks, attempt ${attempt} of ${maxRestarts}`;
}

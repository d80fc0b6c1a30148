import type { GroupOutcome } from '../group/rank-group.ts';
import { blameOf } from '../outcome/blame.ts';
import type { ProgramRequest } from './program-request.ts';

/** What is said when all ranks are started again; undefined where that could not help, or nothing failed. */
export function restartLine(outcome: GroupOutcome, attempt: number, { maxRestarts }: ProgramRequest): string | undefined {
  const first = blameOf(outcome)?.first;
  if (first === undefined || first.startError !== null) return undefined;
  const how = first.signal ?? `exit code ${first.exitCode}`;
  const what = outcome.reason?.kind === 'rank-ended-early' ? 'ended early' : 'failed';
  return `rank ${first.host.rank} ${what} (${how}): restarting all ranks, attempt ${attempt} of ${maxRestarts}`;
}

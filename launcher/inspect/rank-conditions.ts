import { startIn } from '../../shared/contracts/journal.ts';
import { RUN_DIRECTORY_VARIABLE } from '../../shared/contracts/run-plan.ts';
import type { RankOutcome } from '../../shared/contracts/run-report.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { aboutProcess, statFields } from '../../shared/platform/process-facts.ts';
import { failureIn } from '../outcome/remains.ts';
import type { LeftFiles } from './left-files.ts';

/** What became of a rank, as far as its run's directory and this machine say. */
export interface RankCondition {
  readonly rank: number;
  /** Null where it never said. */
  readonly pid: number | null;
  readonly host: string | null;
  /** `gone` ended without a word, `unseen` may live or not, `unheard` has never said anything. */
  readonly kind: 'finished' | 'ended' | 'failed' | 'alive' | 'gone' | 'unseen' | 'unheard';
  /** The rest of a sentence that begins with the rank. */
  readonly says: string;
}

/** Says it of every rank, in rank order. */
export const rankConditions = (platform: Platform, left: LeftFiles): readonly RankCondition[] =>
  left.history.map((journal, rank) => {
    const started = startIn(journal);
    const outcome = left.report?.ranks.find((each) => each.rank === rank);
    const who = { rank, pid: started?.pid ?? outcome?.pid ?? null, host: started?.host ?? null };
    if (journal.at(-1)?.type === 'rank:finished') return { ...who, kind: 'finished', says: 'reached its end' };
    const error = failureIn(journal)?.code;
    if (outcome !== undefined) return { ...who, kind: 'ended', says: endOf(outcome, error) };
    if (started === undefined) return { ...who, kind: 'unheard', says: 'has left nothing in its journal' };
    const seen = processOf(platform, started, left);
    if (error !== undefined && seen.kind !== 'alive') return { ...who, kind: 'failed', says: `gave up, ${error}` };
    return { ...who, ...seen };
  });

function endOf({ exitCode, signal, endedByLauncher, pid, exitedAfterMs }: RankOutcome, error: string | undefined): string {
  const how = signal != null ? `by ${signal}` : exitCode != null ? `with exit code ${exitCode}` : undefined;
  if (how === undefined) return pid == null ? 'was never started' : exitedAfterMs === null ? 'could not be ended' : 'ended';
  return [
    `ended ${how}`,
    ...(endedByLauncher === true ? ['told to by the launcher'] : []),
    ...((error ?? '') ? [error] : []),
  ].join(', ');
}

/** A pid comes again: it is the rank only if it was told of this run. */
function processOf(
  { disk, host }: Platform,
  started: { readonly pid: number; readonly host: string },
  { runId, attempt }: LeftFiles,
): Pick<RankCondition, 'kind' | 'says'> {
  const { pid } = started;
  const unseen = (why: string): Pick<RankCondition, 'kind' | 'says'> => ({ kind: 'unseen', says: `was not looked at: ${why}` });
  if (started.host !== host) return unseen(`started on ${started.host}, and this is ${host}`);
  if (aboutProcess(disk, 'self', 'stat') === undefined) return unseen('this system has no /proc');
  const stat = aboutProcess(disk, pid, 'stat');
  const gone = { kind: 'gone', says: 'ended without a word' } as const;
  if (stat === undefined || /^[ZX]$/.test(statFields(stat)[0] ?? '')) return gone;
  const environment = aboutProcess(disk, pid, 'environ');
  if (environment === undefined) return unseen('not permitted');
  const isOurs = environment
    .split('\0')
    .some((entry) => entry.startsWith(`${RUN_DIRECTORY_VARIABLE}=`) && entry.endsWith(`/${runId}/attempt_${attempt}`));
  return isOurs ? { kind: 'alive', says: 'lives' } : gone;
}

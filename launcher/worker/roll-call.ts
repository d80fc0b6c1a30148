import { CkptError } from '../../shared/contracts/errors.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Logger } from '../../shared/platform/logger.ts';
import { progress } from '../notices.ts';
import type { Peers } from './peers.ts';

/** When it is said for whom a run waits to begin; after the last time it is repeated as often. */
const TELL_AFTER_MS = [2000, 10_000, 60_000] as const;
/** How long other ranks let rank 0 say that it waits no more. */
const LAST_WORDS_MS = 5000;

/** Who waits for whom. */
export interface RollCall {
  readonly clock: Clock;
  readonly peers: Peers;
  readonly plan: RunPlan;
  /** The rank that asks. */
  readonly rank: number;
  readonly tell: Logger['log'];
  /** Whether somebody wants the run to end. */
  readonly isStopped: () => boolean;
}

/**
 * Waits until every rank of a run is there, or it is known that the run will end: nobody makes anything before, and a directory that is not
 * shared is found in seconds. Throws CKPT_BARRIER_TIMEOUT when the time is over; of all, rank 0 does so if it is there.
 */
export async function callRoll({ clock, peers, plan, rank, tell, isStopped }: RollCall): Promise<void> {
  // A cluster may be slow to start, and who waits has been told: nothing is lost by patience.
  const limitMs = plan.barrierTimeoutMs ?? plan.hardTimeoutMs;
  const startedAtMs = clock.monotonicMs();
  const waitedMs = (): number => clock.monotonicMs() - startedAtMs;
  for (const markMs of marks(limitMs)) {
    const missing = await peers.allJoined(Math.max(0, markMs - waitedMs()), isStopped);
    if (missing.length === 0) return;
    const line = waitedMs() < limitMs ? waitingLine(plan, rank, missing) : undefined;
    if (line !== undefined) tell(progress('waiting', line, { missing }));
  }
  if (rank !== 0 && (await peers.hasJoined(0, 0)) && (await peers.leaving(0, LAST_WORDS_MS)) !== undefined) return;
  const missing = await peers.allJoined(0, isStopped);
  if (missing.length > 0) throw notThere(plan, rank, missing, limitMs);
}

function* marks(limitMs: number): Generator<number> {
  const [last] = TELL_AFTER_MS.slice(-1);
  for (let place = 0, markMs = 0; markMs < limitMs; place += 1) {
    markMs = Math.min(limitMs, TELL_AFTER_MS[place] ?? markMs + (last ?? limitMs));
    yield markMs;
  }
}

/** One rank speaks: the lowest that is there, by what it sees. */
function waitingLine({ worldSize, outputDir }: RunPlan, rank: number, missing: readonly number[]): string | undefined {
  const here = worldSize - missing.length;
  if (rank === 0) return `waiting for ${formatRanks(missing)} to join (${here}/${worldSize})`;
  if (missing.filter((other) => other < rank).length < rank) return undefined;
  return `rank 0 has not joined (${here}/${worldSize} here, rank ${rank} the first); is --output-dir ${outputDir} the same directory on all hosts?`;
}

const notThere = ({ runId, outputDir }: RunPlan, rank: number, missing: readonly number[], limitMs: number): CkptError =>
  new CkptError(
    `rank ${rank}: ${formatRanks(missing)} ${missing.length === 1 ? 'has' : 'have'} not joined run ${runId} within ${limitMs / 1000} s`,
    {
      code: 'CKPT_BARRIER_TIMEOUT',
      hint: `See that ${formatRanks(missing)} ${missing.length === 1 ? 'was' : 'were'} started, and that ${outputDir} is the same directory for all ranks.`,
      evidence: { missing: formatRanks(missing), timeoutMs: limitMs },
    },
  );

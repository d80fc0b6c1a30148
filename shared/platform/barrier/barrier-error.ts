import { type AbortedBarrier, type Arrival, type BarrierKey, givenApart } from '../../contracts/barrier.ts';
import { CkptError } from '../../contracts/errors.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import type { Platform } from '../platform.ts';

const ALL_RANKS_MUST_ARRIVE =
  'All ranks must hit barriers: check for early returns that skip barriers and exceptions that prevent barrier calls.';
const ONE_PLACE =
  'Have all ranks call the barrier from one line, or let different programs and branches meet: init({ callSites: false }).';
const START_A_RANK_ONCE = 'Start each rank of an attempt once: check the RANK that every process was given.';

/** What a barrier that was given up throws on every rank. Who came with what stands in the decision, once and not on each rank. */
export function barrierAborted(decision: AbortedBarrier): CkptError {
  const { sequence, name, reason, decidedBy, timeoutMs, missing } = decision;
  const evidence = { sequence, name, reason, decidedBy, timeoutMs, missing: formatRanks(missing) };
  const isNamedAlike =
    new Set(decision.arrivals.map(({ name, worldSize, given }) => JSON.stringify([name, worldSize, given]))).size === 1;
  switch (decision.reason) {
    case 'timeout':
      return new CkptError(timeoutMessage(decision), { code: 'CKPT_BARRIER_TIMEOUT', hint: ALL_RANKS_MUST_ARRIVE, evidence });
    case 'mismatch': {
      const hint = isNamedAlike ? ONE_PLACE : ALL_RANKS_MUST_ARRIVE;
      return new CkptError(mismatchMessage(decision), { code: 'CKPT_BARRIER_MISMATCH', hint, evidence });
    }
  }
}

/** Another process stands where this rank wanted to arrive. */
export function rankDuplicated(standing: Arrival, { pid, host }: Platform): CkptError {
  const other = `pid ${standing.pid} on ${standing.host}`;
  const message = `rank ${standing.rank} is already at ${describe(standing)} as ${other}; this is pid ${pid} on ${host}`;
  return new CkptError(message, {
    code: 'CKPT_RANK_DUPLICATED',
    hint: START_A_RANK_ONCE,
    evidence: { standing: { ...standing }, pid, host },
  });
}

/** The attempt is past a barrier at which this rank has only now arrived: somebody else has arrived there for it. */
export function rankOvertaken(rank: number, at: BarrierKey, decided: number): CkptError {
  const late = `rank ${rank} arrived at ${describe(at)} after the attempt had decided barrier #${decided}`;
  const message = `${late}: another process has been this rank`;
  return new CkptError(message, { code: 'CKPT_RANK_DUPLICATED', hint: START_A_RANK_ONCE, evidence: { rank, ...at, decided } });
}

function timeoutMessage(decision: AbortedBarrier): string {
  const { arrived, missing } = decision;
  const who = `missing ${formatRanks(missing)} (arrived: ${formatRanks(arrived)})`;
  return `${describe(decision)} timed out after ${waitSays(decision)}: ${who}`;
}

/** Looks at a clock and at other ranks may come so late. */
const TOLERANCE_MS = 1000;

/** How long was waited, and where that is not the time-out of who gave it up, why. */
function waitSays({ decidedBy, arrivals, timeoutMs, waitedMs = timeoutMs }: AbortedBarrier): string {
  const quietMs = arrivals.find(({ rank }) => rank === decidedBy)?.timeoutMs ?? timeoutMs;
  if (waitedMs < quietMs - Math.min(TOLERANCE_MS, quietMs / 2))
    return `${Math.round(waitedMs)} ms, before its time-out of ${spellTime(quietMs)} was over by the clock of the file system`;
  if (quietMs < timeoutMs)
    return `${spellTime(timeoutMs)}, the hard time-out (${spellTime(quietMs)}, extended while missing ranks got on)`;
  if (waitedMs > quietMs + TOLERANCE_MS)
    return `${spellTime(waitedMs)} (${spellTime(quietMs)}, extended while missing ranks got on)`;
  return spellTime(quietMs);
}

const spellTime = (ms: number): string => `${Math.round(ms / 10) / 100} s`;

function mismatchMessage({ sequence, arrivals }: AbortedBarrier): string {
  const isOneWorld = new Set(arrivals.map(({ worldSize }) => worldSize)).size === 1;
  const sideOf = (arrival: Arrival): string => {
    const apart = givenApart(arrival, arrivals);
    const world = isOneWorld ? '' : ` in a world of ${arrival.worldSize}`;
    return `${place(arrival)}${apart === '' ? '' : ` with ${apart}`}${world}`;
  };
  const sides = new Map<string, number[]>();
  for (const arrival of arrivals) sides.set(sideOf(arrival), [...(sides.get(sideOf(arrival)) ?? []), arrival.rank]);
  const spelled = [...sides].map(([where, ranks]) => `${formatRanks(ranks)} at ${where}`);
  return `ranks disagree about barrier #${sequence}: ${spelled.join(', ')}`;
}

const place = ({ name, callSite }: Arrival): string => JSON.stringify(name) + (callSite === null ? '' : ` (${callSite})`);

/** Names come from programs: quoted, and control characters escaped. */
const describe = ({ sequence, name }: BarrierKey): string => `barrier #${sequence} ${JSON.stringify(name)}`;

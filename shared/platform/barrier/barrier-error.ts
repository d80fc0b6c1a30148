import type { AbortedBarrier, Arrival, BarrierKey } from '../../contracts/barrier.ts';
import { CkptError } from '../../contracts/errors.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import type { Platform } from '../platform.ts';

const ALL_RANKS_MUST_ARRIVE =
  'All ranks must hit barriers: check for early returns that skip barriers and exceptions that prevent barrier calls.';
const ONE_PLACE =
  'Have all ranks call the barrier from one line, or let different programs and branches meet: init({ callSites: false }).';
const START_A_RANK_ONCE = 'Start each rank of an attempt once: check the RANK that every process was given.';

/** What a barrier that was given up throws on every rank; the decision is its evidence. */
export function barrierAborted(decision: AbortedBarrier): CkptError {
  const evidence = { ...decision, arrivals: decision.arrivals.map((arrival) => ({ ...arrival })) };
  const isNamedAlike = new Set(decision.arrivals.map(({ name, worldSize }) => JSON.stringify([name, worldSize]))).size === 1;
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
  const message = `rank ${standing.rank} is already at ${describe(standing)} as pid ${standing.pid} on ${standing.host}; this is pid ${pid} on ${host}`;
  return new CkptError(message, {
    code: 'CKPT_RANK_DUPLICATED',
    hint: START_A_RANK_ONCE,
    evidence: { standing: { ...standing }, pid, host },
  });
}

/** The attempt is past a barrier at which this rank has only now arrived: somebody else has arrived there for it. */
export function rankOvertaken(rank: number, at: BarrierKey, decided: number): CkptError {
  const message = `rank ${rank} arrived at ${describe(at)} after the attempt had decided barrier #${decided}: another process has been this rank`;
  return new CkptError(message, { code: 'CKPT_RANK_DUPLICATED', hint: START_A_RANK_ONCE, evidence: { rank, ...at, decided } });
}

function timeoutMessage(decision: AbortedBarrier): string {
  const { arrived, missing, timeoutMs } = decision;
  return `${describe(decision)} timed out after ${timeoutMs / 1000} s${extension(decision)}: missing ${formatRanks(missing)} (arrived: ${formatRanks(arrived)})`;
}

/** That it waited longer than who gave it up was asked to, and why. */
function extension({ decidedBy, arrivals, timeoutMs }: AbortedBarrier): string {
  const quietMs = arrivals.find(({ rank }) => rank === decidedBy)?.timeoutMs ?? timeoutMs;
  return quietMs < timeoutMs ? `, the hard time-out (${quietMs / 1000} s, extended while missing ranks got on)` : '';
}

function mismatchMessage({ sequence, arrivals }: AbortedBarrier): string {
  const isOneWorld = new Set(arrivals.map(({ worldSize }) => worldSize)).size === 1;
  const sideOf = (arrival: Arrival): string => `${place(arrival)}${isOneWorld ? '' : ` in a world of ${arrival.worldSize}`}`;
  const sides = new Map<string, number[]>();
  for (const arrival of arrivals) sides.set(sideOf(arrival), [...(sides.get(sideOf(arrival)) ?? []), arrival.rank]);
  const spelled = [...sides].map(([where, ranks]) => `${formatRanks(ranks)} at ${where}`);
  return `ranks disagree about barrier #${sequence}: ${spelled.join(', ')}`;
}

const place = ({ name, callSite }: Arrival): string => JSON.stringify(name) + (callSite === null ? '' : ` (${callSite})`);

/** Names come from programs: quoted, and control characters escaped. */
const describe = ({ sequence, name }: BarrierKey): string => `barrier #${sequence} ${JSON.stringify(name)}`;

import { type CodePlace, isSeen, type RankEvidence, type RankState } from '../../contracts/diagnosis.ts';
import { addedTo, spellPlace } from './clauses.ts';
import type { HangAccount } from './hang-account.ts';
import { doingsOf, placeOf } from './loop-evidence.ts';
import { awaitsThread, blockingCall, isBusy, lastSample } from './process-evidence.ts';

/** What all ranks are doing now; those that do the same are one, and come in the order of their lowest ranks. */
export function rankStates(account: HangAccount): readonly RankState[] {
  const states = new Map<string, { readonly ranks: number[]; readonly state: string; readonly place: CodePlace | null }>();
  for (const rank of account.ranks.toSorted((a, b) => a.rank - b.rank)) {
    const state = stateOf(account, rank);
    const place = rank.end === null ? addedTo(state, placeOf(rank)) : null;
    const key = `${state}\n${place === null ? '' : spellPlace(place)}`;
    const group = states.get(key) ?? { ranks: [], state, place };
    group.ranks.push(rank.rank);
    states.set(key, group);
  }
  return [...states.values()];
}

function stateOf(account: HangAccount, rank: RankEvidence): string {
  if (rank.pid === null) return 'was never started';
  if (rank.end !== null)
    return rank.end.signal === null ? `ended with exit code ${rank.end.exitCode ?? 'unknown'}` : `ended by ${rank.end.signal}`;
  const sample = lastSample(rank);
  if (sample !== undefined && /^[Tt]$/.test(sample.state)) return sample.tracerPid > 0 ? 'is held by a debugger' : 'is stopped';
  if (account.arrived.has(rank.rank))
    return account.sides.length === 1 ? 'waits at the barrier' : `waits at ${nameOf(account, rank)}`;
  return loopState(rank) ?? (sample === undefined ? 'was not seen' : `is in state ${sample.state}`);
}

const nameOf = ({ sides }: HangAccount, { rank }: RankEvidence): string =>
  JSON.stringify(sides.find(({ ranks }) => ranks.includes(rank))?.arrival.name ?? '');

function loopState(rank: RankEvidence): string | undefined {
  if (!isSeen(rank.loop)) return undefined;
  switch (rank.loop.kind) {
    case 'busy':
      return awaitsThread(rank) ? 'waits for another thread' : 'runs JavaScript';
    case 'idle': {
      const doing = doingsOf(rank)?.at(-1);
      const how = isBusy(rank) ? 'is busy' : 'is idle';
      return doing === undefined ? how : `${how} in ${doing.what}`;
    }
    case 'unreachable': {
      const main = lastSample(rank)?.threads[0];
      const call = main === undefined ? undefined : blockingCall(main);
      return call === undefined ? 'does not answer' : `is in the call ${call}`;
    }
  }
}

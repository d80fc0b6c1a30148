import { type Heartbeat, isSeen, type RankEvidence } from '../../contracts/diagnosis.ts';
import { eachOf, missingSource, spellMs, spellRanks, spellSubject } from './clauses.ts';
import { type HangAccount, numbersOf } from './hang-account.ts';
import type { HangRule } from './hang-rule.ts';
import { isHostAwake } from './host-evidence.ts';
import { isBeating, STALE_BEAT_MS } from './loop-evidence.ts';
import { isStopped, lastSample } from './process-evidence.ts';

const tracerOf = (rank: RankEvidence): number => lastSample(rank)?.tracerPid ?? 0;

const stopped: HangRule = {
  class: 'stopped',
  claim: 'The process is stopped by a signal or held by a debugger.',
  needs: 'the state of the process (T or t), and its tracer',
  hint: 'Continue it with kill -CONT and its pid, or let the debugger go on; look for who sent SIGSTOP.',
  examine: ({ suspects }) => {
    const still = suspects.filter(isStopped);
    if (still.length === 0) return undefined;
    const isTraced = still.every((rank) => tracerOf(rank) > 0);
    const subject = spellSubject(numbersOf(still), 'is', 'are');
    return {
      ranks: numbersOf(still),
      place: null,
      confidence: 'high',
      says: isTraced ? `${subject} held by a debugger` : `${subject} stopped, as by SIGSTOP`,
      evidence: eachOf(still, (rank) => {
        const tracer = tracerOf(rank);
        const holder = tracer > 0 ? `, held by pid ${tracer}` : '';
        return `rank ${rank.rank}: pid ${rank.pid} is in state ${lastSample(rank)?.state}${holder}`;
      }),
    };
  },
  whyNot: (_, suspects) => {
    const unseen = missingSource('stopped or not: the process', suspects, ({ processes }) => processes);
    if (unseen !== undefined || suspects.length === 0) return unseen;
    const looked = suspects.filter(({ pid }) => pid !== null);
    return looked.length === 0 || looked.some(isStopped) ? undefined : `not stopped: state ${statesOf(looked)}`;
  },
};

const statesOf = (ranks: readonly RankEvidence[]): string =>
  [...new Set(ranks.map((rank) => lastSample(rank)?.state ?? 'unknown'))].toSorted().join(', ');

/** Beats that stopped at one moment are no further apart than this; milliseconds. */
const SAME_MOMENT_MS = 500;

interface FrozenHost {
  readonly host: string;
  readonly ranks: readonly RankEvidence[];
  readonly agesMs: readonly number[];
  readonly isWhole: boolean;
}

/** The hosts of which every watcher fell silent at the same moment. One silent rank alone is no host, unless other hosts beat. */
function frozenHosts(account: HangAccount): readonly FrozenHost[] {
  const { ranks } = account;
  const living = ranks.filter(({ end, pid }) => end === null && pid !== null);
  const hosts = [...new Set(living.flatMap(({ host }) => host ?? []))].toSorted();
  return hosts.flatMap((host) => {
    const here = living.filter((rank) => rank.host === host);
    const agesMs = here.flatMap(({ heartbeat }) => (isSeen(heartbeat) ? [heartbeat.ageMs] : []));
    const isSilent = agesMs.length > 0 && agesMs.every((age) => age >= STALE_BEAT_MS);
    const isTogether = Math.max(...agesMs) - Math.min(...agesMs) <= SAME_MOMENT_MS;
    const isHost = agesMs.length > 1 || living.some((other) => other.host !== host && isBeating(other));
    const isFrozen = isSilent && isTogether && isHost && !isHostAwake(account, host);
    return isFrozen ? [{ host, ranks: here, agesMs, isWhole: agesMs.length === here.length }] : [];
  });
}

const hostFrozen: HangRule = {
  class: 'host-frozen',
  claim: 'A whole host stands still: all its ranks fell silent at the same moment.',
  needs: 'the heartbeats of all ranks of one host',
  hint: 'Look at the host: suspended, out of memory, a lost connection to the shared file system?',
  examine: (account) => {
    const frozen = frozenHosts(account).filter(({ ranks }) => ranks.some((rank) => account.suspects.includes(rank)));
    const still = account.suspects.filter((rank) => frozen.some(({ ranks }) => ranks.includes(rank)));
    if (still.length === 0) return undefined;
    const all = frozen.flatMap(({ ranks }) => ranks);
    // What was not looked at could have shown that something runs there.
    const isSilent = all.every(({ loop, processes }) => isSeen(loop) && isSeen(processes));
    const hosts = frozen.map(({ host }) => host);
    const where = hosts.length === 1 ? `host ${hosts[0]} stands` : `hosts ${hosts.slice(0, 4).join(', ')} stand`;
    return {
      ranks: numbersOf(still),
      place: null,
      confidence: isSilent && frozen.every(({ isWhole }) => isWhole) ? 'high' : 'medium',
      says: `${where} still, and ${spellRanks(still)} with ${hosts.length === 1 ? 'it' : 'them'}`,
      evidence: frozen
        .slice(0, 3)
        .map(
          ({ host, ranks, agesMs }) =>
            `no heartbeat of ${spellRanks(ranks)} on ${host} for ${spellMs(Math.min(...agesMs))}${ranks.length === 1 ? '' : ', of all alike'}`,
        ),
    };
  },
  whyNot: (account, suspects) => {
    const unseen = missingSource<Heartbeat>('host frozen or not: a heartbeat', suspects, ({ heartbeat }) => heartbeat);
    const watched = suspects.filter(({ heartbeat }) => isSeen(heartbeat));
    if (unseen !== undefined || watched.length === 0) return unseen;
    const beat = `heartbeat ${spellMs(oldestBeat(watched))} ago`;
    if (watched.every(isBeating)) return `host not frozen: ${beat}`;
    return watched.every(({ host }) => isHostAwake(account, host)) ? undefined : `host frozen or not: last ${beat}`;
  },
};

const oldestBeat = (ranks: readonly RankEvidence[]): number =>
  Math.max(...ranks.map(({ heartbeat }) => (isSeen(heartbeat) ? heartbeat.ageMs : 0)));

/** Ranks that do nothing at all. */
export const STILLNESS: readonly HangRule[] = [stopped, hostFrozen];

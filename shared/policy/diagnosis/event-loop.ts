import type { RankEvidence } from '../../contracts/diagnosis.ts';
import { isSeen } from '../../contracts/diagnosis.ts';
import { formatRanks } from '../../contracts/rank-set.ts';
import { commonPlace, eachOf, missingSource, spellMs, spellPlace, spellSubject } from './clauses.ts';
import { leastSure } from './confidence.ts';
import { numbersOf } from './hang-account.ts';
import type { HangRule } from './hang-rule.ts';
import { doingsOf, loopTurns, placeOf, sharedFrame, stacksOf } from './loop-evidence.ts';
import {
  awaitsThread,
  blockingCall,
  cpuPercent,
  isPoolExhausted,
  lastSample,
  progressOf,
  waitingThreads,
} from './process-evidence.ts';

const hasMoved = (rank: RankEvidence): boolean => progressOf(rank)?.moved === true;

/** What the main thread is blocked in, in words; undefined when nothing shows it. */
function nativeCall(rank: RankEvidence): string | undefined {
  const sample = lastSample(rank);
  if (sample === undefined || !/^[SD]$/.test(sample.state)) return undefined;
  const main = sample.threads[0];
  const call = main === undefined ? undefined : blockingCall(main);
  if (call !== undefined) return `the call ${call}`;
  if (awaitsThread(rank)) return `a wait for another thread (futex)${threadCall(rank)}`;
  const [child] = sample.children;
  return child === undefined ? undefined : `a wait for its child process ${child.pid}: ${child.command}`;
}

/** The call in which another thread is blocked, which may be the one that is waited for; nothing for none. */
function threadCall(rank: RankEvidence): string {
  const call = waitingThreads(rank)
    .threads.map(blockingCall)
    .find((each) => each !== undefined);
  return call === undefined ? '' : `, one of which is in the call ${call}`;
}

/** Whether its main thread was in the same call both times. */
function isInCall({ processes }: RankEvidence): boolean {
  const calls = isSeen(processes) ? processes.map(({ threads: [main] }) => main && blockingCall(main)) : [];
  return calls.length >= 2 && calls[0] !== undefined && calls.every((call) => call === calls[0]);
}

/** In JavaScript that sleeps, as in Atomics.wait, it can be halted all the same. */
const isBlockedInNative = (rank: RankEvidence): boolean =>
  isSeen(rank.loop) &&
  (rank.loop.kind === 'unreachable' || sleepingFrame(rank) !== undefined) &&
  nativeCall(rank) !== undefined &&
  loopTurns(rank) !== true &&
  !hasMoved(rank);

const isSurelyBlocked = (rank: RankEvidence): boolean =>
  loopTurns(rank) === false || isInCall(rank) || (sleepingFrame(rank) !== undefined && progressOf(rank) !== undefined);

const loopBlockedNative: HangRule = {
  class: 'loop-blocked-native',
  claim: 'The event loop is blocked in a call of the system or a wait for a child process.',
  needs:
    'an event loop out of reach, a sleeping main thread, and its call with the path, or the child; or JavaScript that sleeps',
  hint: 'Do not block the event loop: use the asynchronous form of the call, with a time limit, and check the path that it names.',
  examine: ({ suspects }) => {
    const blocked = suspects.filter(isBlockedInNative);
    if (blocked.length === 0) return undefined;
    const call = blocked.length === 1 && blocked[0] !== undefined ? `: ${nativeCall(blocked[0])}` : '';
    const who = spellSubject(numbersOf(blocked), 'lives, but its event loop is', 'live, but their event loops are');
    return {
      ranks: numbersOf(blocked),
      place: commonPlace(blocked.map((rank) => sleepingFrame(rank)?.place ?? null)),
      // An idle rank with children looks the same while its loop does not answer: the lag tells them apart.
      confidence: blocked.every(isSurelyBlocked) ? 'high' : 'medium',
      says: `${who} blocked outside of JavaScript${call}`,
      evidence: eachOf(
        blocked,
        (rank) => `rank ${rank.rank} is in ${nativeCall(rank)}, state ${lastSample(rank)?.state}${sleepOf(rank)}${lagOf(rank)}`,
      ),
    };
  },
  whyNot: (_, suspects) => {
    if (suspects.length === 0) return undefined;
    if (suspects.every((rank) => doingsOf(rank) !== undefined)) return 'not blocked: the event loop answers';
    return suspects.every((rank) => stacksOf(rank) !== undefined)
      ? 'not in a native call: its JavaScript could be halted'
      : undefined;
  },
};

const lagOf = ({ heartbeat }: RankEvidence): string => (isSeen(heartbeat) ? `, loop lag ${spellMs(heartbeat.lagMs)}` : '');

/** Where JavaScript sleeps until another thread wakes it. */
const sleepingFrame = (rank: RankEvidence): ReturnType<typeof sharedFrame> => {
  const frame = awaitsThread(rank) ? standingFrame(rank) : undefined;
  return frame?.isInnermost === true ? frame : undefined;
};

function sleepOf(rank: RankEvidence): string {
  const frame = sleepingFrame(rank);
  return frame === undefined ? '' : `, ${spellPlace(frame.place)}, ${cpuPercent(rank)} % CPU`;
}

/** Stacks of a loop that stands where it stood. */
const standingFrame = (rank: RankEvidence): ReturnType<typeof sharedFrame> => {
  const stacks = stacksOf(rank);
  return stacks === undefined || hasMoved(rank) || loopTurns(rank) === true ? undefined : sharedFrame(stacks);
};

const loopBlockedJs: HangRule = {
  class: 'loop-blocked-js',
  claim: 'JavaScript runs and does not come back to the event loop.',
  needs: 'two stack samples with the same innermost function, and no progress between them',
  hint: 'Look at the named line: a loop that does not end, a regular expression that backtracks, or work to cut into pieces.',
  examine: ({ suspects }) => {
    const blocked = suspects.filter((rank) => standingFrame(rank) !== undefined && sleepingFrame(rank) === undefined);
    if (blocked.length === 0) return undefined;
    const isSame = blocked.every((rank) => standingFrame(rank)?.isInnermost === true);
    const who = spellSubject(numbersOf(blocked), 'lives, but its event loop is', 'live, but their event loops are');
    return {
      ranks: numbersOf(blocked),
      place: commonPlace(blocked.map((rank) => standingFrame(rank)?.place ?? null)),
      confidence: leastSure(
        isSame ? 'high' : 'medium',
        ...blocked.map((rank) => (progressOf(rank) === undefined ? 'medium' : 'high')),
      ),
      says: `${who} blocked in JavaScript`,
      evidence: eachOf(blocked, (rank) => standingSays(rank)),
    };
  },
  whyNot: (_, suspects) => missingSource('event loop', suspects, ({ loop }) => loop),
};

function standingSays(rank: RankEvidence): string {
  const frame = standingFrame(rank);
  const stacks = stacksOf(rank) ?? [];
  const spanMs = (stacks.at(-1)?.atMs ?? 0) - (stacks.at(0)?.atMs ?? 0);
  const cpu = cpuPercent(rank);
  return [
    `rank ${rank.rank}: ${frame === undefined ? 'JavaScript' : spellPlace(frame.place)}`,
    `${frame?.isInnermost === true ? 'innermost' : 'on the stack'} in ${stacks.length} samples, ${spellMs(spanMs)} apart`,
    ...(cpu === undefined ? [] : [`${cpu} % CPU`]),
    ...(isSeen(rank.heartbeat) ? [`loop lag ${spellMs(rank.heartbeat.lagMs)}`] : []),
    progressOf(rank)?.says ?? 'progress not seen',
  ].join(', ');
}

const poolExhausted: HangRule = {
  class: 'fs-pool-exhausted',
  claim: 'All threads that work on files are stuck, so nothing asynchronous on files ends.',
  needs: 'an idle event loop, and as many threads waiting in one place of the kernel as the pool has',
  hint: 'Check the paths that the threads wait for; a larger UV_THREADPOOL_SIZE only puts it off.',
  examine: ({ suspects, poolSize }) => {
    const stuck = suspects.filter((rank) => doingsOf(rank) !== undefined && isPoolExhausted(rank, poolSize) && !hasMoved(rank));
    if (stuck.length === 0) return undefined;
    const whose = stuck.length === 1 ? 'lives, but all threads that work on its' : 'live, but all threads that work on their';
    return {
      ranks: numbersOf(stuck),
      place: commonPlace(stuck.map(placeOf)),
      confidence: leastSure(...stuck.map((rank) => (progressOf(rank) === undefined ? 'medium' : 'high'))),
      says: `${formatRanks(numbersOf(stuck))} ${whose} files are stuck`,
      evidence: eachOf(stuck, (rank) => {
        const { channel, threads } = waitingThreads(rank);
        const paths = [...new Set(threads.flatMap(({ call }) => call?.path ?? []))];
        const where = paths.length === 0 ? '; paths not seen' : `: ${paths.slice(0, 4).join(', ')}`;
        return `rank ${rank.rank}: ${threads.length} threads in ${channel}, the pool has ${poolSize}${where}`;
      }),
    };
  },
  whyNot: ({ poolSize }, suspects) => {
    const [rank] = suspects;
    if (rank === undefined || suspects.length > 1 || lastSample(rank) === undefined || isPoolExhausted(rank, poolSize))
      return undefined;
    return `pool not exhausted: ${waitingThreads(rank).threads.length} of ${poolSize} threads wait`;
  },
};

/** Ranks whose event loop, or whose threads behind it, do not come back. */
export const EVENT_LOOP: readonly HangRule[] = [loopBlockedNative, loopBlockedJs, poolExhausted];

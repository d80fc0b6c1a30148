import { describe, expect, test } from 'vitest';
import type { HangClass } from '../../../../shared/contracts/diagnosis.ts';
import {
  asleep,
  BARRIER,
  beat,
  blockedIn,
  busyIn,
  type Case,
  idleIn,
  journalled,
  journalling,
  moving,
  NOT_PERMITTED,
  stillVisited,
  stuckPool,
  thrown,
  UNREACHABLE,
  verdictOn,
  visited,
} from './hang-evidence.ts';

describe('what may not be concluded', () => {
  const WRONG: readonly (readonly [what: string, given: Case, expected: HangClass | 'unknown'])[] = [
    ['CPU time is no progress', { missing: { 2: { processes: moving(0, 400) } } }, 'unknown'],
    [
      'a heartbeat and an answer are no progress',
      { missing: { 2: { processes: moving(4096), loop: idleIn('callback x') } } },
      'stuck-await',
    ],
    [
      'work that moves bytes is not blocked',
      { missing: { 2: { processes: moving(1 << 20, 400), loop: busyIn(['save'], ['save']) } } },
      'straggler',
    ],
    [
      'a copy in one native call is not blocked',
      { missing: { 2: { processes: moving(1 << 20), loop: UNREACHABLE } } },
      'straggler',
    ],
    [
      'an await that moves is not stuck',
      { missing: { 2: { processes: moving(1 << 20), loop: idleIn('callback x') } } },
      'straggler',
    ],
    [
      'a record from before the looks is no progress during them',
      { missing: { 2: { lastRecord: { what: 'step reached 75', agoMs: 209 }, loop: idleIn('callback x') } } },
      'stuck-await',
    ],
    [
      'an await during which the journal grows is not stuck',
      { missing: { 2: { processes: journalling(), loop: idleIn('callback x') } } },
      'straggler',
    ],
    [
      'nor one of a rank that got on until the others gave up',
      { missing: { 2: { gotOnAgoMs: 400, loop: idleIn('callback x') } } },
      'straggler',
    ],
    [
      'what a look at a rank makes it write is no progress',
      { missing: { 2: { processes: visited(1 << 20), loop: idleIn('callback x') } } },
      'stuck-await',
    ],
    [
      'nor while the look goes on that began before',
      { missing: { 2: { processes: stillVisited(80 << 10), loop: idleIn('callback x') } } },
      'stuck-await',
    ],
    [
      'a loop that turns is not blocked in JavaScript',
      { missing: { 2: { loop: busyIn(['f'], ['f']), heartbeat: beat(100, 5) } } },
      'unknown',
    ],
    [
      'a loop that turns is in no native call',
      { missing: { 2: { loop: UNREACHABLE, processes: blockedIn('openat', '/x'), heartbeat: beat(100, 5) } } },
      'unknown',
    ],
    [
      'JavaScript that sleeps does not run',
      { missing: { 2: { processes: asleep(10), loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) } } },
      'loop-blocked-native',
    ],
    [
      'nor does it while another thread works',
      { missing: { 2: { processes: asleep(10, 390), loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) } } },
      'loop-blocked-native',
    ],
    [
      'JavaScript that sleeps now and then runs',
      { missing: { 2: { processes: asleep(200), loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) } } },
      'loop-blocked-js',
    ],
    [
      'a loop that turns does not sleep',
      { missing: { 2: { processes: asleep(), loop: UNREACHABLE, heartbeat: beat(100, 5) } } },
      'unknown',
    ],
    ['one sample of a stack is none', { missing: { 2: { loop: busyIn(['f']), heartbeat: beat(100, 9000) } } }, 'unknown'],
    [
      'two samples in different functions share nothing',
      { missing: { 2: { loop: busyIn(['f'], ['g']), heartbeat: beat(100, 9000) } } },
      'unknown',
    ],
    ['out of reach alone is no native call', { missing: { 2: { loop: UNREACHABLE, heartbeat: beat(100, 9000) } } }, 'unknown'],
    [
      'three of four threads are no exhausted pool',
      { missing: { 2: { processes: stuckPool(3), loop: idleIn('callback x') } } },
      'stuck-await',
    ],
    ['a process that has not ended is not dead', { missing: { 2: { processes: NOT_PERMITTED } } }, 'unknown'],
    [
      'a process that cannot be seen is not stopped',
      { missing: { 2: { processes: NOT_PERMITTED, loop: UNREACHABLE, heartbeat: beat(9000) } } },
      'unknown',
    ],
    [
      'ranks that fell silent at different moments are no frozen host',
      { missing: { 2: { host: 'two', heartbeat: beat(9000) }, 3: { host: 'two', heartbeat: beat(20_000) } } },
      'unknown',
    ],
    ['one silent rank is no frozen host', { missing: { 2: { heartbeat: beat(20_000) } } }, 'unknown'],
    [
      'a heap of V8 is not short because the process was killed',
      { missing: { 2: { end: { exitCode: null, signal: 'SIGKILL', outOfMemory: null, stderrTail: [] } } } },
      'died',
    ],
    [
      'an exit code of 1 is no early exit',
      { missing: { 2: { end: { exitCode: 1, signal: null, outOfMemory: null, stderrTail: [] } } } },
      'died',
    ],
    [
      'a barrier that was given up is no exception of its own',
      { missing: { 2: { error: thrown({ code: 'CKPT_BARRIER_TIMEOUT' }) } } },
      'unknown',
    ],
    [
      'an error that came from another rank is not its own',
      { missing: { 2: { error: thrown({ evidence: { rank: 0 } }) } } },
      'unknown',
    ],
    [
      'a lock whose holder works on is no deadlock',
      {
        missing: {
          1: { lock: { path: '/l', holder: 'rank 2', holderIsAlive: true } },
          2: { loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) },
        },
      },
      'loop-blocked-js',
    ],
    [
      'a rank that says it is at the barrier has not returned early',
      { missing: { 2: { loop: idleIn('barrier #7 "spike/save@75:written"') } } },
      'unknown',
    ],
    [
      'an arrival that came at the last moment is no stale view',
      { barrier: { seenByLauncher: [0, 1, 2, 3] }, missing: { 2: { barriers: [journalled('arrived', 1100, BARRIER)] } } },
      'unknown',
    ],
    [
      'nor one of which it is not known when it came',
      { barrier: { seenByLauncher: [0, 1, 2, 3] }, missing: { 2: {} } },
      'unknown',
    ],
    [
      'nor one of a rank whose clock is wrong',
      {
        barrier: { seenByLauncher: [0, 1, 2, 3] },
        missing: { 2: { barriers: [journalled('arrived', 28_000, BARRIER)], clockSkewMs: 5000 } },
      },
      'unknown',
    ],
    [
      'a wrong clock does not block a loop',
      { missing: { 2: { clockSkewMs: 5000, loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) } } },
      'loop-blocked-js',
    ],
    [
      'a wrong clock of one does not keep another from coming',
      { missing: { 2: { loop: idleIn('callback x') } }, ranks: { 1: { clockSkewMs: 5000 } } },
      'stuck-await',
    ],
    [
      'who waits at an early barrier may only just have come there',
      { missing: { 2: { barriers: [journalled('arrived', 300)], loop: idleIn('barrier #6 "spike/evaluate@75"') } } },
      'unknown',
    ],
    ['nobody is missing, and all agree', {}, 'unknown'],
    [
      'nobody knows anything',
      {
        missing: {
          2: {
            processes: NOT_PERMITTED,
            loop: NOT_PERMITTED,
            heartbeat: NOT_PERMITTED,
            lastRecord: null,
            barriers: [],
            clockSkewMs: null,
          },
        },
      },
      'unknown',
    ],
  ];
  test.for(WRONG)('%s', ([, given, expected]) => {
    expect(verdictOn(given).class).toBe(expected);
  });
});

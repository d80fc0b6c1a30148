import { describe, expect, test } from 'vitest';
import { HANG_CLASSES, type HangClass } from '../../../../shared/contracts/diagnosis.ts';
import { diagnose, HANG_RULES } from '../../../../shared/policy/diagnosis/index.ts';
import { CASES } from './hang-cases.ts';
import {
  arrivalOf,
  BARRIER,
  BEFORE,
  beat,
  blockedIn,
  busyIn,
  type Case,
  hangOf,
  idleIn,
  journalled,
  moving,
  NOT_PERMITTED,
  place,
  processes,
  stuckPool,
  thrown,
  UNREACHABLE,
} from './hang-evidence.ts';

const verdictOn = (given: Case): ReturnType<typeof diagnose>['verdict'] => diagnose(hangOf(given)).verdict;

describe('each class is named from its evidence', () => {
  test.for(Object.entries(CASES))('%s', ([name, { given, ranks, confidence = 'high' }]) => {
    const verdict = verdictOn(given);
    expect(verdict).toMatchObject({ class: name, ranks, confidence });
    expect(verdict.says).not.toBe('');
    expect(verdict.evidence).not.toEqual([]);
    expect(verdict.whyNot).not.toEqual([]);
  });

  test('there is a case and a rule for every class, and one number for each', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(HANG_CLASSES).sort());
    expect(HANG_RULES.map((rule) => rule.class).sort()).toEqual(Object.keys(HANG_CLASSES).sort());
    expect(new Set(Object.values(HANG_CLASSES)).size).toBe(HANG_RULES.length);
  });
});

describe('the culprit is named wherever it stands in a world of two, four or eight', () => {
  const rows = Object.entries(CASES).flatMap(([name, { single }]) =>
    single === undefined
      ? []
      : [2, 4, 8].flatMap((worldSize) =>
          [...new Set([0, worldSize / 2, worldSize - 1])].map((rank) => [name, worldSize, rank, single] as const),
        ),
  );
  test.for(rows)('%s in a world of %i, rank %i', ([name, worldSize, rank, change]) => {
    const verdict = verdictOn({ worldSize, missing: { [rank]: change } });
    expect(verdict).toMatchObject({ class: name, ranks: [rank] });
  });
});

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
      'a loop that turns is not blocked in JavaScript',
      { missing: { 2: { loop: busyIn(['f'], ['f']), heartbeat: beat(100, 5) } } },
      'unknown',
    ],
    [
      'a loop that turns is in no native call',
      { missing: { 2: { loop: UNREACHABLE, processes: blockedIn('openat', '/x'), heartbeat: beat(100, 5) } } },
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

describe('who is to blame for a disagreement', () => {
  const elsewhere = { name: 'spike/save@75:committed', fingerprint: 'ffffffff', callSite: 'src/save.ts:99:3' };

  test('the minority, with both call sites and the last common barrier', () => {
    expect(verdictOn({ arriving: { 3: elsewhere } })).toMatchObject({
      class: 'desync',
      ranks: [3],
      says: 'rank 3 came to another barrier than ranks 0-2',
      evidence: [
        'ranks 0-2 at "spike/save@75:written" (src/save.ts:88:3)',
        'rank 3 at "spike/save@75:committed" (src/save.ts:99:3)',
        'last common barrier: barrier #6 "spike/evaluate@75"',
      ],
    });
  });

  test('both sides where they are as many', () => {
    expect(verdictOn({ arriving: { 2: elsewhere, 3: elsewhere } })).toMatchObject({ class: 'desync', ranks: [0, 1, 2, 3] });
  });

  test('both sides when only two of four have come, and nothing is known of the others', () => {
    const given = { arriving: { 1: elsewhere }, missing: { 2: {}, 3: {} } };
    expect(verdictOn(given)).toMatchObject({ class: 'desync', ranks: [0, 1], confidence: 'high' });
  });

  test('the minority when the journals of the others say where they are', () => {
    const onTheWay = { barriers: [journalled('arrived', 1, BARRIER)] };
    expect(verdictOn({ arriving: { 1: elsewhere }, missing: { 2: onTheWay, 3: onTheWay } })).toMatchObject({
      class: 'desync',
      ranks: [1],
    });
  });

  test('the most frequent is no majority while it is less than half of the world', () => {
    const third = { ...elsewhere, name: 'third' };
    expect(verdictOn({ arriving: { 2: elsewhere, 3: third } })).toMatchObject({ class: 'desync', ranks: [0, 1, 2, 3] });
  });

  test('arguments differ where only the fingerprints do', () => {
    const verdict = verdictOn({ arriving: { 3: { fingerprint: 'ffffffff' } } });
    expect(verdict).toMatchObject({ class: 'desync', ranks: [3] });
    expect(verdict.evidence).toContain('the name is the same: the call sites or the arguments differ');
  });

  test('a barrier of a later step was left out, in a world of two by one side or the other', () => {
    const later = { name: 'spike/save@100:written', fingerprint: 'ffffffff' };
    expect(verdictOn({ worldSize: 2, arriving: { 1: later } })).toMatchObject({ class: 'skipped-barrier', ranks: [0, 1] });
    expect(verdictOn({ arriving: { 1: later } })).toMatchObject({ class: 'skipped-barrier', ranks: [1] });
  });

  test.for(['spike/save@50:written', 'basic/save@100:written', 'save@x', 'the end'])('%s is no later step', (name) => {
    expect(verdictOn({ arriving: { 1: { name, fingerprint: 'ffffffff' } } })).toMatchObject({ class: 'desync', ranks: [1] });
  });

  test('nobody who has not come yet', () => {
    const given = { arriving: { 3: elsewhere }, missing: { 2: { processes: processes({ state: 'T' }) } } };
    expect(verdictOn(given)).toMatchObject({ class: 'desync', ranks: [0, 1, 3] });
  });
});

describe('of several causes the first is named', () => {
  const dead = { end: { exitCode: 1, signal: null, outOfMemory: null, stderrTail: ['boom', ' '] } };

  test('the dead explain who waits, whatever else is the matter', () => {
    const given = { missing: { 1: { processes: processes({ state: 'T' }) }, 3: dead } };
    expect(verdictOn(given)).toMatchObject({
      class: 'died',
      ranks: [3],
      confidence: 'high',
      evidence: ['rank 3: exit code 1; last line of its stderr: boom'],
    });
    expect(diagnose(hangOf(given)).alsoAffected).toEqual([0, 2]);
  });

  test('a rank that is missing besides lowers the confidence, and is named as unexplained', () => {
    const verdict = verdictOn({
      missing: { 1: { loop: idleIn('callback x') }, 3: { loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) } },
    });
    expect(verdict).toMatchObject({ class: 'loop-blocked-js', ranks: [3], confidence: 'medium' });
    expect(verdict.evidence).toContain('missing as well, perhaps for another reason: rank 1');
  });

  test('of two deaths it is not known which was first', () => {
    const other = { end: { exitCode: 0, signal: null, outOfMemory: null, stderrTail: [] } };
    expect(verdictOn({ missing: { 1: dead, 3: other } })).toMatchObject({ class: 'died', ranks: [1], confidence: 'medium' });
  });

  test('a run that ended before anybody came to a barrier has its dead, too', () => {
    const given = { barrier: null, missing: { 0: {}, 1: dead, 2: {}, 3: {} } };
    expect(verdictOn(given)).toMatchObject({ class: 'died', ranks: [1] });
  });
});

describe('what a verdict says besides', () => {
  test('the place, if all culprits are at the same', () => {
    const spinning = {
      loop: busyIn(['validate', 'main'], ['validate', 'main']),
      heartbeat: beat(100, 28_400),
      processes: moving(0, 400),
    };
    expect(verdictOn({ missing: { 2: spinning } })).toMatchObject({
      place: place('validate', 42),
      evidence: [
        'rank 2: validate at src/hooks/validate.ts:42:9, innermost in 2 samples, 400 ms apart, 100 % CPU, loop lag 28 s, no record for 29 s, 0 bytes in 400 ms',
      ],
    });
    expect(verdictOn({ missing: { 1: spinning, 2: spinning } })).toMatchObject({ place: place('validate', 42), ranks: [1, 2] });
    const elsewhere = { ...spinning, loop: busyIn(['other'], ['other']) };
    expect(verdictOn({ missing: { 1: spinning, 2: elsewhere } })).toMatchObject({ place: null, ranks: [1, 2] });
  });

  test('the caller, where the samples are in different functions that it calls', () => {
    const spinning = { loop: busyIn(['f', 'validate'], ['g', 'validate']), heartbeat: beat(100, 9000) };
    expect(verdictOn({ missing: { 2: spinning } })).toMatchObject({
      class: 'loop-blocked-js',
      confidence: 'medium',
      place: { functionName: 'validate' },
    });
  });

  test('what speaks against the other classes, and which evidence is missing', () => {
    const blind = { loop: idleIn('callback x'), processes: NOT_PERMITTED, heartbeat: NOT_PERMITTED };
    const { whyNot } = verdictOn({ missing: { 2: blind } });
    expect(whyNot).toEqual([
      'world size of ranks 0-3 not seen',
      'not dead: pid 4702 has not ended',
      'no exception on record',
      'stopped or not: the process of rank 2 not seen (not permitted)',
      'host frozen or not: a heartbeat of rank 2 not seen (not permitted)',
      'no stale view: the launcher sees the same',
      'no clock skew: at most 0 ms',
      'no desync: fingerprints equal',
      'not returned early: it is in callback x',
      'no lock named',
      'not blocked: the event loop answers',
      'progress of rank 2 not seen (not permitted)',
    ]);
  });

  test('the cycle of a deadlock', () => {
    const waits = (path: string, holder: string) => ({ lock: { path, holder, holderIsAlive: true } });
    const verdict = verdictOn({ missing: { 1: waits('/b', 'rank 3'), 3: waits('/a', 'rank 1') } });
    expect(verdict).toMatchObject({ class: 'lock-deadlock', ranks: [1, 3], confidence: 'high' });
    expect(verdict.says).toBe('ranks 1,3 wait for each other: rank 1 -> /b -> rank 3 -> /a -> rank 1');
    expect(verdictOn({ missing: { 2: waits('/a', 'rank 0') } })).toMatchObject({
      ranks: [0, 2],
      says: 'ranks 0,2 wait for each other: rank 2 -> /a -> rank 0 -> the barrier -> rank 2',
    });
    expect(verdictOn({ missing: { 2: waits('/a', 'pid 9 of run old') } })).toMatchObject({ ranks: [2], confidence: 'medium' });
  });

  test('a debugger', () => {
    expect(verdictOn({ missing: { 2: { processes: processes({ state: 't', tracerPid: 99 }) } } })).toMatchObject({
      says: 'rank 2 is held by a debugger',
    });
  });

  test('a rank that came when the others had given up was late', () => {
    const given = {
      barrier: { seenByLauncher: [0, 1, 2, 3] },
      missing: { 2: { barriers: [journalled('arrived', 400, BARRIER)] } },
    };
    expect(verdictOn(given)).toMatchObject({ class: 'straggler', ranks: [2], says: 'rank 2 was late: the others had given up' });
  });

  test('a rank that does not see others is named, though it has arrived', () => {
    const early = { barriers: [journalled('arrived', 28_000, BARRIER)] };
    const given = {
      barrier: { seenByLauncher: [0, 1, 2, 3], arrivals: [arrivalOf(2)] },
      missing: { 0: early, 1: early, 3: early },
    };
    expect(verdictOn(given)).toMatchObject({ class: 'stale-view', ranks: [2] });
  });

  test('a rank that still waits at a barrier that has opened does not see it', () => {
    const blind = { barriers: [journalled('arrived', 28_000, BEFORE)], loop: idleIn(`barrier #6 "${BEFORE.name}"`) };
    expect(verdictOn({ missing: { 2: blind } })).toMatchObject({ class: 'stale-view', ranks: [2] });
  });
});

test('ranks that do the same are one state', () => {
  expect(diagnose(hangOf({ missing: { 2: { processes: processes({ state: 'T' }) } } })).states).toEqual([
    { ranks: [0, 1, 3], state: 'waits at the barrier', place: null },
    { ranks: [2], state: 'is stopped', place: null },
  ]);
});

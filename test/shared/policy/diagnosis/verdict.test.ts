import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../../shared/policy/diagnosis/index.ts';
import {
  arrivalOf,
  asleep,
  BARRIER,
  BEFORE,
  beat,
  busyIn,
  hangOf,
  idleIn,
  journalled,
  moving,
  NOT_PERMITTED,
  place,
  processes,
  thread,
  thrown,
  verdictOn,
} from './hang-evidence.ts';

describe('of several causes the first is named', () => {
  const dead = { end: { exitCode: 1, signal: null, outOfMemory: null, stderrTail: ['boom', ' '] } };

  test('the dead go before whatever else is the matter, and explain who waits, but not who is missing besides', () => {
    const given = { missing: { 1: { processes: processes({ state: 'T' }) }, 3: dead } };
    expect(verdictOn(given)).toMatchObject({
      class: 'died',
      ranks: [3],
      confidence: 'medium',
      evidence: ['rank 3: exit code 1; last line of its stderr: boom', 'missing as well, perhaps for another reason: rank 1'],
    });
    expect(verdictOn({ missing: { 3: dead } })).toMatchObject({ class: 'died', confidence: 'high' });
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

  test('who ended because another rank had thrown is not to blame, whoever was first to end', () => {
    const heard = { error: thrown({ evidence: { rank: 2, barrier: 'mine/decide@25' } }) };
    const given = { barrier: null, missing: { 0: { ...dead, ...heard }, 1: { ...dead, ...heard }, 2: heard, 3: {} } };
    expect(verdictOn(given)).toMatchObject({ class: 'exception-before-barrier', ranks: [2], confidence: 'high' });
  });

  test('a run that ended before anybody came to a barrier has its dead, too', () => {
    const given = { barrier: null, missing: { 0: {}, 1: dead, 2: {}, 3: {} } };
    expect(verdictOn(given)).toMatchObject({ class: 'died', ranks: [1], confidence: 'high' });
  });

  test.for([
    ['never-started', { pid: null }],
    ['exception-before-barrier', { error: thrown() }],
    ['world-size-mismatch', { worldSize: 8 }],
  ] as const)('%s is no reason for which another rank is missing', ([name, change]) => {
    const verdict = verdictOn({ missing: { 3: change, 2: { loop: busyIn(['f'], ['f']), heartbeat: beat(100, 9000) } } });
    expect(verdict).toMatchObject({ class: name, ranks: [3], confidence: 'medium' });
    expect(verdict.evidence).toContain('missing as well, perhaps for another reason: rank 2');
  });
});

describe('what a verdict says besides', () => {
  test('where JavaScript sleeps, and for what', () => {
    const sleeping = { loop: busyIn(['lock', 'main'], ['lock', 'main']), heartbeat: beat(100, 9000), processes: asleep() };
    expect(verdictOn({ missing: { 2: sleeping } })).toMatchObject({
      ...{ class: 'loop-blocked-native', confidence: 'high', place: place('lock', 42) },
      says: expect.stringContaining('a wait for another thread (futex)'),
    });
  });

  test('what another thread is in, for which it may wait', () => {
    const [first, last] = asleep();
    const beside = thread({ tid: 4712, waitChannel: 'wait_for_partner', call: { name: 'openat', path: '/tmp/pipe' } });
    const looks = [first, last].flatMap((look) => (look === undefined ? [] : [{ ...look, threads: [...look.threads, beside] }]));
    const blocked = { loop: { kind: 'unreachable' as const }, heartbeat: beat(100, 9000), processes: looks };
    expect(verdictOn({ missing: { 2: blocked } })).toMatchObject({
      class: 'loop-blocked-native',
      says: expect.stringMatching(/a wait for another thread \(futex\), one of which is in the call openat \/tmp\/pipe$/),
    });
  });

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

  test('nothing of the process and the heartbeat of a rank that was never started or has ended', () => {
    const absent = { pid: null, processes: NOT_PERMITTED, loop: NOT_PERMITTED, heartbeat: NOT_PERMITTED, lastRecord: null };
    const clauses = verdictOn({ missing: { 2: absent } }).whyNot.join('; ');
    expect(clauses).toContain('world size of ranks 0,1,3 not seen');
    expect(clauses).not.toMatch(/rank 2|frozen|stopped|not permitted/);
    const ended = { end: { exitCode: 1, signal: null, outOfMemory: null, stderrTail: [] } };
    expect(verdictOn({ missing: { 2: { ...absent, ...ended, pid: 4702 } } }).whyNot.join('; ')).not.toContain('not permitted');
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

  test('so was a rank that came, and obeyed, when the launcher had looked at who was there', () => {
    const barriers = [journalled('arrived', 0, BARRIER), journalled('aborted', 0, BARRIER)];
    const ended = { processes: { notSeen: 'it has ended' }, loop: { notSeen: 'it has ended' } };
    const evidence = ['rank 2 arrived 900 ms after the end of the wait'];
    expect(verdictOn({ missing: { 2: { ...ended, barriers } } })).toMatchObject({ class: 'straggler', ranks: [2], evidence });
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

test('who gives up too early by a wrong clock is named, and not who was on the way', () => {
  const wrong = { 1: { clockSkewMs: 3_600_000 } };
  const early = { barrier: { waitedMs: 3 }, missing: { 2: {} }, ranks: wrong };
  const short = { ...early, barrier: { waitedMs: 3, timeoutMs: 400 } };
  expect(verdictOn(short)).toMatchObject({ class: 'clock-skew', ranks: [1], confidence: 'high' });
  expect(verdictOn(early)).toMatchObject({
    class: 'clock-skew',
    ranks: [1],
    confidence: 'high',
    evidence: [
      'the barrier was given up after 3 ms, and its time-out is 30 s',
      "the clock of rank 1 is 3600 s ahead of the launcher's",
    ],
  });
  expect(verdictOn({ ...early, barrier: {} }).class).toBe('unknown');
  // It came a moment later, and journals by its own clock how long ago the others gave up.
  const late = { 2: { barriers: [journalled('arrived', 1200, BARRIER)] } };
  const ago = { 1: { ...wrong[1], barriers: [journalled('aborted', -3_600_000, BARRIER)] } };
  const others = { 0: { barriers: [] }, 3: { barriers: [] } };
  const came = { barrier: { waitedMs: 3, seenByLauncher: [0, 1, 2, 3] }, missing: late, ranks: { ...others, ...ago } };
  expect(verdictOn(came)).toMatchObject({ class: 'clock-skew', ranks: [1] });
});

test('ranks that do the same are one state', () => {
  expect(diagnose(hangOf({ missing: { 2: { processes: processes({ state: 'T' }) } } })).states).toEqual([
    { ranks: [0, 1, 3], state: 'waits at the barrier', place: null },
    { ranks: [2], state: 'is stopped', place: null },
  ]);
});

test('where no barrier is meant none is spoken of', () => {
  const hang = hangOf({ barrier: null, missing: { 0: {}, 1: {} } });
  const saidOf = (count: number): string => diagnose({ ...hang, ranks: hang.ranks.slice(0, count) }).verdict.says;
  expect(saidOf(2)).toBe('what was seen does not tell why ranks 0,1 do not get on');
  expect(saidOf(1)).toBe('what was seen does not tell why rank 0 does not get on');
  expect(saidOf(0)).not.toContain('barrier');
});

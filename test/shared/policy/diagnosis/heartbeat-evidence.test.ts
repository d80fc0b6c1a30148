import { describe, expect, test } from 'vitest';
import { beat, blockedIn, type Change, idleIn, NOT_PERMITTED, processes, UNREACHABLE, verdictOn } from './hang-evidence.ts';

describe('a missing heartbeat', () => {
  const YOUNG = { notSeen: 'it has lived for less than a second' };
  const blocked = { loop: UNREACHABLE, processes: blockedIn('openat', '/shared/x'), heartbeat: YOUNG };
  const unbeaten = (more: Change): Readonly<Record<number, Change>> => ({
    0: { heartbeat: YOUNG, ...more },
    1: { heartbeat: YOUNG, ...more },
    3: { heartbeat: YOUNG, ...more },
  });

  test('makes a verdict no less sure where the host was seen to be awake', () => {
    const given = { missing: { 2: blocked }, ranks: unbeaten({}) };
    expect(verdictOn(given)).toMatchObject({ class: 'loop-blocked-native', ranks: [2], confidence: 'high' });
  });

  test('makes it no less sure where the launcher is on the same host', () => {
    const given = { missing: { 2: blocked }, ranks: unbeaten({ loop: NOT_PERMITTED }) };
    expect(verdictOn(given)).toMatchObject({ class: 'loop-blocked-native', confidence: 'medium' });
    expect(verdictOn({ ...given, launcherHost: 'one' })).toMatchObject({ class: 'loop-blocked-native', confidence: 'high' });
  });

  test('says nothing about a rank that is stopped', () => {
    const given = {
      missing: { 2: { processes: processes({ state: 'T' }), loop: UNREACHABLE, heartbeat: YOUNG } },
      ranks: unbeaten({ loop: NOT_PERMITTED }),
    };
    expect(verdictOn(given)).toMatchObject({ class: 'stopped', ranks: [2], confidence: 'high' });
  });

  test('leaves a wait for a child less sure, which an idle loop may seem to be', () => {
    const child = processes({ children: [{ pid: 9, command: 'sleep 600' }] });
    const given = { missing: { 2: { ...blocked, processes: child } } };
    expect(verdictOn(given)).toMatchObject({ class: 'loop-blocked-native', confidence: 'medium' });
  });
});

describe('a frozen host', () => {
  const silent = { host: 'two', heartbeat: beat(9000), loop: UNREACHABLE };

  test('is none where an event loop answers', () => {
    const given = { missing: { 2: silent, 3: { ...silent, loop: idleIn('callback x') } } };
    expect(verdictOn(given)).toMatchObject({ class: 'stuck-await', ranks: [3] });
  });

  test.for([
    [200, 'host not frozen: heartbeat 200 ms ago'],
    [1200, 'host frozen or not: last heartbeat 1.2 s ago'],
  ] as const)('is not ruled out by a heartbeat %i ms ago unless that is fresh', ([ageMs, clause]) => {
    const clauses = verdictOn({ missing: { 2: { ...silent, heartbeat: beat(ageMs) } } }).whyNot;
    expect(clauses.filter((each) => each.startsWith('host'))).toEqual([clause]);
  });

  test("is never the launcher's own", () => {
    expect(verdictOn({ missing: { 2: silent, 3: silent } })).toMatchObject({ class: 'host-frozen', confidence: 'high' });
    expect(verdictOn({ missing: { 2: silent, 3: silent }, launcherHost: 'two' }).class).toBe('unknown');
  });
});

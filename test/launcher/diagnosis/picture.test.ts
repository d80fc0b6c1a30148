import { expect, test } from 'vitest';
import { judge } from '../../../launcher/diagnosis/picture.ts';
import type { StuckBarrier } from '../../../shared/contracts/diagnosis.ts';
import { CASES } from '../../shared/policy/diagnosis/hang-cases.ts';
import { hangOf } from '../../shared/policy/diagnosis/hang-evidence.ts';

const hang = hangOf(CASES['loop-blocked-js'].given);

const classAt = (change: Partial<StuckBarrier>): string => {
  const { barrier } = hang;
  if (barrier === null) throw new Error('the case has no barrier');
  return judge({ ...hang, barrier: { ...barrier, why: 'waiting', ...change } }).verdict.class;
};

test('a wait that is young is no verdict, and what the ranks do is told all the same', () => {
  expect(classAt({ waitedMs: 999, timeoutMs: 30_000 })).toBe('unknown');
  expect(classAt({ waitedMs: 1000, timeoutMs: 30_000 })).toBe('loop-blocked-js');
  expect(classAt({ waitedMs: 99, timeoutMs: 400 })).toBe('unknown');
  expect(classAt({ waitedMs: 100, timeoutMs: 400 })).toBe('loop-blocked-js');
  const { states, alsoAffected } = judge({ ...hang, barrier: null });
  expect(states.length).toBeGreaterThan(0);
  expect(alsoAffected).toEqual([]);
});

test('a barrier that was given up has waited long enough', () => {
  expect(classAt({ why: 'timeout', waitedMs: 1, timeoutMs: 30_000 })).toBe('loop-blocked-js');
});

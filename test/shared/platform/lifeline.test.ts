import { expect, test } from 'vitest';
import { holdLifeline } from '../../../shared/platform/lifeline.ts';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';

class Exit extends Error {}

/** A process whose parent is changed by the test, and which throws its exit code. */
function child(): { platform: Platform; parent: { pid: number }; ticks: (() => void)[] } {
  const parent = { pid: 100 };
  const ticks: (() => void)[] = [];
  const clock = { ...nodePlatform().clock, every: (_: number, tick: () => void) => void ticks.push(tick) };
  const exit = (code: number): never => {
    throw new Exit(String(code));
  };
  return { platform: { ...nodePlatform(), clock, exit, parentPid: () => parent.pid }, parent, ticks };
}

test('a process whose launcher lives goes on, and ends with 129 when it is asked or looks by itself after that', () => {
  const { platform, parent, ticks } = child();
  const lifeline = holdLifeline(platform, 100);
  for (const look of [lifeline.check, ...ticks]) expect(look).not.toThrow();
  parent.pid = 1;
  expect(ticks).toHaveLength(1);
  for (const look of [lifeline.check, ...ticks]) expect(look).toThrow(new Exit('129'));
});

test('a process whose launcher is gone before it began ends at once', () => {
  expect(() => holdLifeline(child().platform, 99)).toThrow(new Exit('129'));
});

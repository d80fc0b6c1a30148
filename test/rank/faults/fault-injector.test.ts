import { expect, test } from 'vitest';
import type { Fault } from '../../../shared/contracts/fault.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { groupContexts } from '../group-run.ts';

const SKEWED: Fault = { kind: 'skew-clock', rank: 1, step: 50 };

/** What each of three ranks has begun when it came to the save of step 50. */
async function begunAt50(...faults: readonly Fault[]): Promise<readonly (readonly string[])[]> {
  // Who stalls would keep the test alive.
  const clock = { ...nodeClock, after: () => () => undefined };
  const contexts = groupContexts(3, () => ({ ...nodePlatform(), clock }));
  for (const context of contexts) {
    context.faults.enlist(faults);
    await context.faults.beforeSave(25);
    void context.faults.beforeSave(50);
  }
  // What does not stall is over after a turn of the event loop.
  await new Promise((resolve) => nodeClock.after(0, () => resolve(undefined)));
  return contexts.map(({ doing }) => doing.now().map(({ what }) => what));
}

test('where the clock of a rank runs ahead, the others stall: it has somebody to wait for', async () => {
  const stall = ['a stall that was ordered'];
  expect(await begunAt50(SKEWED)).toEqual([stall, [], stall]);
});

test('ranks whose clocks all run ahead do not wait for each other for ever', async () => {
  expect(await begunAt50(...[0, 1, 2].map((rank) => ({ ...SKEWED, rank })))).toEqual([[], [], []]);
});

test('who is to stall for another never says that its own fault did not strike', () => {
  const [other] = groupContexts(2);
  other?.faults.enlist([SKEWED]);
  expect(() => other?.faults.check()).toThrow('the fault skew-clock of rank 1 never struck');
});

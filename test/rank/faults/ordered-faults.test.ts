import { expect, test } from 'vitest';
import type { Fault } from '../../../shared/contracts/fault.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { soloContext } from '../solo-context.ts';

/** A rank with orders. */
function ordered(...faults: readonly Fault[]) {
  const { faults: injector, doing } = soloContext(
    temporaryDirectory(),
    () => undefined,
    () => undefined,
  );
  injector.enlist(faults);
  return { injector, doing };
}

test('a rank that was ordered to be slow says so while it is', async () => {
  const { injector, doing } = ordered({ kind: 'slow', rank: 0, step: 25 });
  expect(injector.atStep()).toBeUndefined();
  await injector.beforeSave(25);
  const step = injector.atStep();
  expect(doing.now().map(({ what }) => what)).toEqual(['a step that is slow as ordered']);
  await step;
  expect(doing.now()).toEqual([]);
});

test.for([
  [{ kind: 'stall', rank: 0, barrier: 99 }, 'the fault stall of rank 0 never struck: the rank never came to barrier #99'],
  [{ kind: 'kill', rank: 0, step: 50 }, 'the fault kill of rank 0 never struck: the rank never came to the save of step 50'],
] as const)('%j that never struck is told without frames', ([fault, message]) => {
  const { injector } = ordered(fault);
  expect(() => injector.check()).toThrow(expect.objectContaining({ message, stack: expect.not.stringContaining('\n    at ') }));
});

test.for([
  [2, ['mine/start', 'mine/a@5', 'mine/b@5'], 'mine/end'],
  [0, ['mine/start'], 'mine/end'],
  [3, ['mine/start', 'mine/a@5', 'mine/b@5', 'mine/a@10'], 'mine/b@10'],
  [2, ['mine/start', 'mine/a@5', 'mine/a@10'], 'mine/end'],
  [2, ['mine/start', 'mine/a@5', 'mine/end'], 'mine/start'],
] as const)(
  'a rank that reorders barrier %i of %j comes to %s, and never to the one where the others are',
  async ([barrier, names, at]) => {
    const { injector } = ordered({ kind: 'reorder', rank: 0, barrier });
    const came: string[] = [];
    for (const [sequence, name] of names.entries()) came.push(await injector.beforeBarrier(sequence, name));
    expect(came).toEqual([...names.slice(0, -1), at]);
    injector.check();
  },
);

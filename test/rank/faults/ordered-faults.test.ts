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

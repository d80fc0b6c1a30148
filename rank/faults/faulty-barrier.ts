import type { Barrier } from '../../shared/contracts/barrier.ts';
import type { FaultInjector } from './fault-injector.ts';

/** The same barriers, before each of which the injector has its way. */
export function faultyBarrier(barrier: Barrier, faults: FaultInjector): Barrier {
  let sequence = 0;
  const wrap = (inner: Barrier): Barrier => ({
    wait: async (name, payload, given) => {
      const own = sequence;
      // A barrier that is left out does not count: the next one has its number.
      const arrivesAt = await faults.beforeBarrier(own, name);
      sequence += 1;
      return inner.wait(arrivesAt, payload, given);
    },
    within: (timeoutMs) => wrap(inner.within(timeoutMs)),
    close: inner.close,
  });
  return wrap(barrier);
}

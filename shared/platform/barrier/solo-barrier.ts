import type { Barrier } from '../../contracts/barrier.ts';
import type { Journal } from '../../contracts/journal.ts';

/** The barriers of a world of one: whoever is alone has arrived, and leaves no files for others. */
export function openSoloBarrier(journal: Journal): Barrier {
  let sequence = 0;
  const barrier: Barrier = {
    wait: async (name, payload = null) => {
      const key = { sequence, name };
      sequence += 1;
      journal.append({ type: 'barrier:arrived', ...key, callSite: null });
      journal.append({ type: 'barrier:passed', ...key, waitedMs: 0 });
      return [payload];
    },
    within: () => barrier,
    close: () => undefined,
  };
  return barrier;
}

import type { Barrier } from '../../contracts/barrier.ts';
import { Member, type MemberOptions } from './member.ts';

/** What one rank brings to the barriers of an attempt. */
export type FileBarrierOptions = MemberOptions;

/**
 * Opens the barriers of an attempt for one rank. A barrier needs no particular rank to be alive: whoever sees all arrivals
 * tries to decide `open`, whoever runs out of time `abort`, the first decision stands and everyone obeys it.
 * wait() also throws CKPT_RANK_DUPLICATED when another process has arrived as this rank, and the file system's errors. So does
 * this function where it resumes, and what became of the last barrier if that did not open.
 */
export function openFileBarrier(options: FileBarrierOptions): Barrier {
  const member = new Member(options);
  let sequence = options.resumes === true ? member.resume() : 0;
  let last: Promise<unknown> = Promise.resolve();
  const open = (timeoutMs: number): Barrier => ({
    wait: (name, payload = null, given) => {
      const call = { sequence, name, payload, given, timeoutMs, callSite: options.callSite?.() ?? null };
      sequence += 1;
      const turn = last.then(() => member.meet(call));
      // Calls that overlap take turns, and one that fails does not stop the next.
      last = turn.catch(() => undefined);
      return turn;
    },
    within: open,
    close: () => member.close(),
  });
  return open(options.timeoutMs);
}

import type { Clock } from '../shared/platform/clock.ts';

/** Calls back when the time of a whole run is over, unless the returned function is called first. */
export type Deadline = (onOver: () => void) => () => void;

/** Starts the time of a run: without `timeoutMs` it is never over. */
export function startDeadline(clock: Clock, timeoutMs: number | undefined): Deadline {
  const startedAtMs = clock.monotonicMs();
  if (timeoutMs === undefined) return () => () => undefined;
  return (onOver) => clock.after(Math.max(0, startedAtMs + timeoutMs - clock.monotonicMs()), onOver);
}

/** What the work comes to; throws the error when the time is over before. The work itself goes on. */
export async function beforeDeadline<T>(deadline: Deadline, work: Promise<T>, overdue: Error): Promise<T> {
  let cancel = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    cancel = deadline(() => reject(overdue));
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    cancel();
  }
}

import type { Journal } from '../shared/contracts/journal.ts';
import type { Doing } from './doing.ts';

/** What of a process says that it ends. */
type Ending = Pick<NodeJS.Process, 'on' | 'off' | 'listenerCount'>;

/**
 * Journals what a rank was doing when its process ends before the rank does: by an exit, when nothing is left to wait for, or by
 * an error that nobody caught, which `giveUp` takes. Returns what ends that, for a rank that has come to its end.
 */
export function tellEarlyEnd(ending: Ending, doing: Doing, journal: Journal, giveUp: (thrown: unknown) => void): () => void {
  let isDrained = false;
  let hasThrown = false;
  const onDrained = (): void => {
    isDrained = true;
  };
  const onThrown = (thrown: unknown): void => {
    // Whoever handles what nobody caught goes on.
    if (ending.listenerCount('uncaughtException') > 0) return;
    hasThrown = true;
    giveUp(thrown);
  };
  const onExit = (): void => {
    const last = doing.now().at(-1);
    const why = isDrained ? 'nothing-left' : 'exit-called';
    try {
      if (!hasThrown) journal.append({ type: 'rank:left', why, doing: last?.what ?? null, file: last?.file ?? null });
    } catch {
      // A journal that takes nothing more: its exit code still says that the rank has ended.
    }
  };
  ending.on('beforeExit', onDrained);
  ending.on('uncaughtExceptionMonitor', onThrown);
  ending.on('exit', onExit);
  return () => {
    ending.off('beforeExit', onDrained);
    ending.off('uncaughtExceptionMonitor', onThrown);
    ending.off('exit', onExit);
  };
}

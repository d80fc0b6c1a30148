import type { StopReason } from './group/rank-group.ts';

/** The signals that end a run. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Tells a run from outside that it must end. */
export interface Interruption {
  /** Calls back each time until the returned function is called. */
  subscribe(stop: (reason: StopReason) => void): () => void;
}

/** Nobody interrupts: for a run inside somebody else's program, whose signals are its own. */
export const noInterruption: Interruption = { subscribe: () => () => undefined };

/** This process's own signals. */
export const processInterruption: Interruption = {
  subscribe: (stop) => {
    const onSignal = (signal: (typeof ENDING_SIGNALS)[number]): void => stop({ kind: 'interrupted', signal });
    for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
    return () => {
      for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    };
  },
};

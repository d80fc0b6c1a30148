/** The signals that end a run. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** Tells a run that somebody wants it to end. */
export interface Interruption {
  /** Calls back at each such signal until the returned function is called. */
  subscribe(onSignal: (signal: EndingSignal) => void): () => void;
}

/** Nobody interrupts: for a run inside somebody else's program, whose signals are its own. */
export const noInterruption: Interruption = { subscribe: () => () => undefined };

/** This process's own signals. */
export const processInterruption: Interruption = {
  subscribe: (onSignal) => {
    for (const signal of ENDING_SIGNALS) process.on(signal, onSignal);
    return () => {
      for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    };
  },
};

import type { EndingSignal } from '../shared/contracts/run-report.ts';
import type { StopReason } from './group/rank-group.ts';

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const satisfies readonly EndingSignal[];

/** The signals that a run can be sent without ending it. */
export type MessageSignal = 'SIGUSR1' | 'SIGUSR2' | 'SIGQUIT';

/** Tells a run from outside that it must end, or something else. */
export interface Interruption {
  /** Calls back each time until the returned function is called. */
  subscribe(stop: (reason: StopReason) => void): () => void;
  /** The same for signals that end nothing. */
  listen<S extends MessageSignal>(signals: readonly S[], onMessage: (signal: S) => void): () => void;
}

/** Nobody interrupts: for a run inside somebody else's program, whose signals are its own. */
export const noInterruption: Interruption = { subscribe: () => () => undefined, listen: () => () => undefined };

/** This process's own signals. */
export const processInterruption: Interruption = {
  subscribe: (stop) => onSignals(ENDING_SIGNALS, (signal) => stop({ kind: 'interrupted', signal })),
  listen: onSignals,
};

function onSignals<S extends NodeJS.Signals>(signals: readonly S[], callback: (signal: S) => void): () => void {
  const listeners = signals.map((signal) => [signal, () => callback(signal)] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

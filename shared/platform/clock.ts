/** The only way to time. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never jumps. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`, unless the returned function is called first. Keeps the process alive. */
  after(delayMs: number, callback: () => void): () => void;
  /** Calls back again and again for as long as the process lives. Does not keep it alive. */
  every(periodMs: number, callback: () => void): void;
}

/** The machine's clock. */
export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  // performance.now() says the same, and costs 3 ms to load.
  monotonicMs: () => process.uptime() * 1000,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every: (periodMs, callback) => void setInterval(callback, periodMs).unref(),
};

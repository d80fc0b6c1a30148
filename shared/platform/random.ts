/** A seeded stream of numbers whose state can be saved. */
export interface RandomStream {
  /** Uniform in [0, 1). */
  next(): number;
  readonly state: number;
}

/** A stream from a 32-bit state: Mulberry32 (Tommy Ettinger, public domain). The same state gives the same numbers. */
export function randomStream(seed: number): RandomStream {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    get state() {
      return state;
    },
  };
}

/** Rank r's own stream of a run's seed: ranks must not share one. */
export const rankSeed = (seed: number, rank: number): number => (seed + Math.imul(rank + 1, 0x9e3779b1)) >>> 0;

/** Random lower-case hexadecimal digits, for names that must not meet; no secret. Node's crypto would take 8 ms to load. */
export const randomHex = (digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');

import { randomHex } from '../shared/platform/random.ts';

/** A name for a run: when it started, and what no other run has. */
export const newRunId = (nowMs: number): string =>
  `${new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase()}-${randomHex(8)}`;

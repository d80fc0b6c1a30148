import { randomHex } from '../shared/platform/random.ts';

/** A name that somebody chose, as a part of file names. */
export const asRunId = (chosen: string): string =>
  chosen.replace(/[^\w-]/gu, (other) => `_${other.codePointAt(0)?.toString(16)}_`).slice(0, 100);

/** A name for a run: when it started, and what no other run has. */
export const newRunId = (nowMs: number): string =>
  `${new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '').toLowerCase()}-${randomHex(8)}`;

import type { Clock } from '../shared/platform/clock.ts';
import type { TextOutput } from '../shared/platform/output.ts';

/** One line on a terminal that says where a long run stands. */
export interface Progress {
  /** Draws the line when the run is older than a second, at most ten times a second. */
  show(text: string): void;
  /** Takes the line away before something else is printed. */
  clear(): void;
}

const APPEARS_AFTER_MS = 1000;
const REDRAW_EVERY_MS = 100;

/** Never draws. */
export const noProgress: Progress = { show: () => undefined, clear: () => undefined };

/** Draws on a terminal; `startedAtMs` is when the run began, on the wall clock. */
export function terminalProgress(clock: Clock, terminal: TextOutput, startedAtMs: number): Progress {
  let drawnAtMs: number | undefined;
  return {
    show: (text) => {
      const nowMs = clock.nowMs();
      if (nowMs - startedAtMs < APPEARS_AFTER_MS || nowMs - (drawnAtMs ?? 0) < REDRAW_EVERY_MS) return;
      drawnAtMs = nowMs;
      terminal.write(`\r\u001b[2K${text}`);
    },
    clear: () => {
      if (drawnAtMs === undefined) return;
      drawnAtMs = undefined;
      terminal.write('\r\u001b[2K');
    },
  };
}

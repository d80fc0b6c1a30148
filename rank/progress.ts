import type { Clock } from '../shared/platform/clock.ts';
import type { TextOutput } from '../shared/platform/output.ts';

/** One line on a terminal that says where a long run stands. */
export interface Progress {
  /** Says what is going on now; drawn, and drawn again while it lasts, once the run is older than a second. */
  show(text: string): void;
  /** Takes the line away before something else is printed. */
  clear(): void;
  /** Takes the line away for good. */
  close(): void;
}

const APPEARS_AFTER_MS = 1000;
const REDRAW_EVERY_MS = 200;
const ERASE_LINE = '\r\u001b[2K';

/** Never draws. */
export const noProgress: Progress = { show: () => undefined, clear: () => undefined, close: () => undefined };

/** Draws on a terminal from a second after now on, with the seconds that have passed. */
export function terminalProgress(clock: Clock, terminal: TextOutput): Progress {
  const startedAtMs = clock.monotonicMs();
  let doing = '';
  let isDrawn = false;

  const draw = (): void => {
    const elapsedMs = clock.monotonicMs() - startedAtMs;
    cancel = clock.after(REDRAW_EVERY_MS, draw);
    if (elapsedMs < APPEARS_AFTER_MS || doing === '') return;
    terminal.write(`${ERASE_LINE}${doing}  ${Math.floor(elapsedMs / 1000)} s`);
    isDrawn = true;
  };
  let cancel = clock.after(APPEARS_AFTER_MS, draw);

  const clear = (): void => {
    if (isDrawn) terminal.write(ERASE_LINE);
    isDrawn = false;
  };
  return {
    show: (text) => {
      doing = text;
    },
    clear,
    close: () => {
      cancel();
      clear();
    },
  };
}

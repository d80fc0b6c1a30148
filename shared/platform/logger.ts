import type { JsonObject } from '../contracts/json.ts';
import type { OutputStyle } from '../contracts/run-plan.ts';
import type { Clock } from './clock.ts';
import { escapeControl, type TextOutput } from './output.ts';

/** One line of what rank 0 has to say. */
export interface LogLine {
  readonly text: string;
  /** `verdict` lines and failures survive --quiet; `event` lines are progress and go to stderr. */
  readonly kind: 'event' | 'result' | 'verdict' | 'failure';
  /** The same as data, for --log-format json; a line without fields is decoration and is left out there. */
  readonly fields?: JsonObject;
}

/** Rank 0's voice. */
export interface Logger {
  log(line: LogLine): void;
}

/** Text for people, or pino's JSON lines for programs. */
export async function openLogger(style: OutputStyle, clock: Clock, stdout: TextOutput, stderr: TextOutput): Promise<Logger> {
  return style.logFormat === 'json' ? jsonLogger(style, clock, stdout) : textLogger(style, stdout, stderr);
}

function textLogger({ quiet, color }: OutputStyle, stdout: TextOutput, stderr: TextOutput): Logger {
  return {
    log: ({ text, kind }) => {
      if (quiet && kind !== 'verdict' && kind !== 'failure') return;
      const line = `${escapeControl(text)}\n`;
      if (kind === 'event') stderr.write(line);
      else stdout.write(color ? paint(line) : line);
    },
  };
}

const paint = (line: string): string =>
  line.replace(/^( *)(✓|✗)/, (_, indent, mark) => `${indent}\u001b[${mark === '✓' ? 32 : 31}m${mark}\u001b[0m`);

async function jsonLogger({ quiet }: OutputStyle, clock: Clock, stdout: TextOutput): Promise<Logger> {
  const { pino } = await import('pino');
  const logger = pino(
    { base: { rank: 0 }, timestamp: () => `,"time":${clock.nowMs()}` },
    { write: (line: string) => stdout.write(line) },
  );
  return {
    log: ({ text, kind, fields }) => {
      if (fields === undefined || (quiet && kind !== 'verdict' && kind !== 'failure')) return;
      logger[kind === 'failure' ? 'error' : 'info'](fields, text);
    },
  };
}

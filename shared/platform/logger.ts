import type { OutputStyle } from '../contracts/run-plan.ts';
import type { Clock } from './clock.ts';
import { escapeControl, type TextOutput } from './output.ts';

/** One line of what rank 0, or the launcher, has to say. */
export interface LogLine {
  readonly text: string;
  /** `verdict` lines, warnings and failures survive --quiet; `event` lines are progress and go to stderr. */
  readonly kind: 'event' | 'result' | 'verdict' | 'warning' | 'failure';
  /** The same as data, for --log-format json; a line without fields is decoration and is left out there. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The voice of rank 0, or of the launcher. */
export interface Logger {
  log(line: LogLine): void;
}

type Style = Pick<OutputStyle, 'logFormat' | 'quiet' | 'color'>;

/** Text for people, or pino's JSON lines for programs, each with the fields of `speaker`. */
export async function openLogger(
  style: Style,
  clock: Clock,
  stdout: TextOutput,
  stderr: TextOutput,
  speaker: Readonly<Record<string, unknown>> = { rank: 0 },
): Promise<Logger> {
  return style.logFormat === 'json' ? jsonLogger(style, clock, stdout, speaker) : textLogger(style, stdout, stderr);
}

const LEVELS = { event: 'info', result: 'info', verdict: 'info', warning: 'warn', failure: 'error' } as const;

const isQuieted = (kind: LogLine['kind']): boolean => kind === 'event' || kind === 'result';

function textLogger({ quiet, color }: Style, stdout: TextOutput, stderr: TextOutput): Logger {
  return {
    log: ({ text, kind }) => {
      if (quiet && isQuieted(kind)) return;
      const line = `${escapeControl(text)}\n`;
      if (kind === 'event' || kind === 'warning') stderr.write(line);
      else stdout.write(color ? paint(line) : line);
    },
  };
}

const paint = (line: string): string =>
  line.replace(/^( *)(✓|✗)/, (_, indent, mark) => `${indent}\u001b[${mark === '✓' ? 32 : 31}m${mark}\u001b[0m`);

async function jsonLogger({ quiet }: Style, clock: Clock, stdout: TextOutput, base: object): Promise<Logger> {
  const { pino } = await import('pino');
  const logger = pino({ base, timestamp: () => `,"time":${clock.nowMs()}` }, { write: (line: string) => stdout.write(line) });
  return {
    log: ({ text, kind, fields }) => {
      if (fields !== undefined && !(quiet && isQuieted(kind))) logger[LEVELS[kind]](fields, text);
    },
  };
}

import { type CkptError, usageError } from '../shared/contracts/errors.ts';
import type { OutputStyle } from '../shared/contracts/run-plan.ts';
import type { OptionName } from './command-line/option-table.ts';
import { parseDuration, parseLogFormat, parseText } from './command-line/option-values.ts';
import type { CommandLine } from './command-line/options.ts';

/** What is asked of every run, whatever its ranks are. */
export interface RunSettings {
  /** Undefined for a new temporary directory. */
  readonly outputDir: string | undefined;
  readonly keepOutputs: boolean;
  readonly discardOutputs: boolean;
  readonly timeoutMs: number | undefined;
  readonly reportFile: string | undefined;
  readonly output: OutputStyle;
}

/** What the terminal allows. */
export type Terminal = Pick<OutputStyle, 'color' | 'progress'>;

/** Reads an option's value; undefined where nothing was given. */
export type ValueReader = <T>(option: OptionName, parse: (name: string, text: string) => T) => T | undefined;

/** Reads values off a command line. */
export const valueReader =
  (line: CommandLine): ValueReader =>
  (option, parse) => {
    const given = line.given(option);
    return given === undefined ? undefined : parse(given.name, given.text);
  };

/** Understands what every run is asked for. Throws CKPT_USAGE. */
export function runSettings(line: CommandLine, terminal: Terminal): RunSettings {
  const read = valueReader(line);
  const [keep, discard] = (['keep-outputs', 'discard-outputs'] as const).filter(line.isSet).map((name) => line.given(name)?.name);
  if (keep !== undefined && discard !== undefined) throw givenTogether(keep, discard);
  return {
    outputDir: read('output-dir', parseText),
    keepOutputs: line.isSet('keep-outputs'),
    discardOutputs: line.isSet('discard-outputs'),
    timeoutMs: read('timeout', parseDuration),
    reportFile: read('report', parseText),
    output: outputStyle(read('log-format', parseLogFormat) ?? 'text', line.isSet('quiet'), terminal),
  };
}

const outputStyle = (logFormat: OutputStyle['logFormat'], quiet: boolean, { color, progress }: Terminal): OutputStyle => ({
  logFormat,
  quiet,
  color: color && logFormat === 'text',
  progress: progress && logFormat === 'text' && !quiet,
});

/** Refuses two options that contradict each other. */
export const givenTogether = (first: string, second: string): CkptError =>
  usageError(`${first} and ${second}: given together, expected one of them`);

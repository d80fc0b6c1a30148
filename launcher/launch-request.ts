import { availableParallelism } from 'node:os';
import { type CkptError, usageError } from '../shared/contracts/errors.ts';
import type { OutputStyle } from '../shared/contracts/run-plan.ts';
import type { ScenarioParameters } from '../shared/contracts/scenario.ts';
import type { OptionName } from './command-line/option-table.ts';
import {
  parseCount,
  parseDuration,
  parseInteger,
  parseIntegerOrNone,
  parseLogFormat,
  parseProcesses,
  parseText,
} from './command-line/option-values.ts';
import type { CommandLine } from './command-line/options.ts';

/** Everything a run is asked for, with its defaults. */
export interface LaunchRequest {
  readonly worldSize: number;
  /** `all`, a built-in name, or the path of a scenario file. */
  readonly scenario: string;
  readonly parameters: Partial<ScenarioParameters>;
  readonly seed: number;
  /** Undefined for a new temporary directory. */
  readonly outputDir: string | undefined;
  readonly keepOutputs: boolean;
  readonly discardOutputs: boolean;
  readonly overwrite: boolean;
  /** Undefined leaves it to the scenario. */
  readonly barrierTimeoutMs: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly shutdownTimeoutMs: number;
  readonly reportFile: string | undefined;
  readonly output: OutputStyle;
}

/** What a run is when nothing is asked for. */
export const DEFAULT_REQUEST: LaunchRequest = {
  worldSize: 1,
  scenario: 'all',
  parameters: {},
  seed: 0,
  outputDir: undefined,
  keepOutputs: false,
  discardOutputs: false,
  overwrite: false,
  barrierTimeoutMs: undefined,
  timeoutMs: undefined,
  shutdownTimeoutMs: 5000,
  reportFile: undefined,
  output: { logFormat: 'text', quiet: false, color: false, progress: false },
};

/** What the terminal allows. */
export type Terminal = Pick<OutputStyle, 'color' | 'progress'>;

/** Understands the values of a command line. Throws CKPT_USAGE for the first that cannot be meant. */
export function launchRequest(line: CommandLine, terminal: Terminal): LaunchRequest {
  const read = <T>(option: OptionName, parse: (name: string, text: string) => T): T | undefined => {
    const given = line.given(option);
    return given === undefined ? undefined : parse(given.name, given.text);
  };
  const [keep, discard] = (['keep-outputs', 'discard-outputs'] as const).filter(line.isSet).map((name) => line.given(name)?.name);
  if (keep !== undefined && discard !== undefined) throw givenTogether(keep, discard);
  const logFormat = read('log-format', parseLogFormat) ?? DEFAULT_REQUEST.output.logFormat;
  const quiet = line.isSet('quiet');
  return {
    worldSize:
      read('nproc-per-node', (name, text) => parseProcesses(name, text, availableParallelism())) ?? DEFAULT_REQUEST.worldSize,
    scenario: read('scenario', parseText) ?? DEFAULT_REQUEST.scenario,
    parameters: withoutUndefined({
      numSteps: read('num-steps', parseInteger),
      evalInterval: read('eval-interval', parseInteger),
      saveInterval: read('save-interval', parseInteger),
      saveTotalLimit: read('save-total-limit', parseIntegerOrNone),
      preserveNBest: read('preserve-n-best', parseInteger),
      injectSpikeAtStep: read('inject-spike-at-step', parseIntegerOrNone),
    }),
    seed: read('seed', parseCount) ?? DEFAULT_REQUEST.seed,
    outputDir: read('output-dir', parseText),
    keepOutputs: line.isSet('keep-outputs'),
    discardOutputs: line.isSet('discard-outputs'),
    overwrite: line.isSet('overwrite'),
    barrierTimeoutMs: read('barrier-timeout', parseDuration),
    timeoutMs: read('timeout', parseDuration),
    shutdownTimeoutMs: read('shutdown-timeout', parseDuration) ?? DEFAULT_REQUEST.shutdownTimeoutMs,
    reportFile: read('report', parseText),
    output: {
      logFormat,
      quiet,
      color: terminal.color && logFormat === 'text',
      progress: terminal.progress && logFormat === 'text' && !quiet,
    },
  };
}

/** Refuses two options that contradict each other. */
export const givenTogether = (first: string, second: string): CkptError =>
  usageError(`${first} and ${second}: given together, expected one of them`);

/** The fields that are set: an absent parameter leaves the scenario's own. */
export function withoutUndefined(
  parameters: { readonly [K in keyof ScenarioParameters]: ScenarioParameters[K] | undefined },
): Partial<ScenarioParameters> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}

import { availableParallelism } from 'node:os';
import { usageError } from '../shared/contracts/errors.ts';
import type { Fault } from '../shared/contracts/fault.ts';
import { DEFAULT_HARD_TIMEOUT_MS } from '../shared/contracts/run-plan.ts';
import type { ScenarioParameters } from '../shared/contracts/scenario.ts';
import { parseFaults } from '../shared/policy/fault-shape.ts';
import {
  parseCount,
  parseDuration,
  parseInteger,
  parseIntegerOrNone,
  parseProcesses,
  parseText,
} from './command-line/option-values.ts';
import type { CommandLine } from './command-line/options.ts';
import { type RunSettings, runSettings, type Terminal, valueReader } from './run-settings.ts';

/** Everything a run is asked for, with its defaults. */
export interface LaunchRequest extends RunSettings {
  readonly worldSize: number;
  /** `all`, a built-in name, or the path of a scenario file. */
  readonly scenario: string;
  readonly parameters: Partial<ScenarioParameters>;
  readonly seed: number;
  /** Besides those of the scenarios. */
  readonly faults: readonly Fault[];
  readonly overwrite: boolean;
  /** Undefined leaves it to the scenario. */
  readonly barrierTimeoutMs: number | undefined;
  /** How long a barrier waits at most while a missing rank gets on. */
  readonly hardTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
}

/** What a run is when nothing is asked for. */
export const DEFAULT_REQUEST: LaunchRequest = {
  worldSize: 1,
  scenario: 'all',
  parameters: {},
  seed: 0,
  faults: [],
  outputDir: undefined,
  keepOutputs: false,
  discardOutputs: false,
  overwrite: false,
  barrierTimeoutMs: undefined,
  hardTimeoutMs: DEFAULT_HARD_TIMEOUT_MS,
  timeoutMs: undefined,
  shutdownTimeoutMs: 5000,
  reportFile: undefined,
  output: { logFormat: 'text', quiet: false, color: false, progress: false },
};

/** Understands the values of a command line. Throws CKPT_USAGE for the first that cannot be meant. */
export function launchRequest(line: CommandLine, terminal: Terminal): LaunchRequest {
  const settings = runSettings(line, terminal);
  const read = valueReader(line);
  const barrierTimeoutMs = read('barrier-timeout', parseDuration);
  return {
    ...settings,
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
    faults: read('inject', parseFaults) ?? DEFAULT_REQUEST.faults,
    overwrite: line.isSet('overwrite'),
    barrierTimeoutMs,
    hardTimeoutMs: read('hard-timeout', hardTimeout(barrierTimeoutMs)) ?? DEFAULT_REQUEST.hardTimeoutMs,
    shutdownTimeoutMs: read('shutdown-timeout', parseDuration) ?? DEFAULT_REQUEST.shutdownTimeoutMs,
  };
}

const hardTimeout =
  (quietMs = 0) =>
  (name: string, text: string): number => {
    const hardMs = parseDuration(name, text);
    if (hardMs >= quietMs) return hardMs;
    throw usageError(`${name}: got ${JSON.stringify(text)}, expected at least --barrier-timeout, ${quietMs / 1000} s`);
  };

/** The fields that are set: an absent parameter leaves the scenario's own. */
export function withoutUndefined(
  parameters: { readonly [K in keyof ScenarioParameters]: ScenarioParameters[K] | undefined },
): Partial<ScenarioParameters> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}

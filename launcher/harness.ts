import type { Limit } from '../shared/contracts/checkpoint.ts';
import { usageError } from '../shared/contracts/errors.ts';
import {
  count,
  describe,
  type Expected,
  expectValue,
  flag,
  positiveInteger,
  positiveNumber,
  positiveOrNone,
  rankCount,
  text,
} from '../shared/contracts/expectation.ts';
import { isJsonObject } from '../shared/contracts/json.ts';
import type { RunReport } from '../shared/contracts/run-report.ts';
import { nodePlatform } from '../shared/platform/platform.ts';
import { noInterruption } from './interruption.ts';
import { launch } from './launch.ts';
import { DEFAULT_REQUEST, withoutUndefined } from './launch-request.ts';
import { givenTogether } from './run-settings.ts';

/** What a harness run is asked for; every field is optional. */
export interface HarnessOptions {
  /** Shared checkpoint directory. Default: a new temporary one. */
  readonly outputDir?: string | undefined;
  readonly preserveNBest?: number | undefined;
  readonly saveTotalLimit?: Limit | undefined;
  readonly injectSpikeAtStep?: number | 'none' | undefined;
  readonly numSteps?: number | undefined;
  readonly evalInterval?: number | undefined;
  readonly saveInterval?: number | undefined;
  /** Number of ranks, at most 4096. Default 1. */
  readonly worldSize?: number | undefined;
  /** A built-in name or a scenario file. Default: `spike` where a spike is injected, else `basic`. */
  readonly scenario?: string | undefined;
  /** Keep the checkpoints and the run directory. Default false. */
  readonly keepOutputs?: boolean | undefined;
  /** Remove them after a failure too. Default false. */
  readonly discardOutputs?: boolean | undefined;
  /** Replace the checkpoints of an earlier run. Default false. */
  readonly overwrite?: boolean | undefined;
  /** Milliseconds. Default 30 000, or the scenario's. */
  readonly barrierTimeoutMs?: number | undefined;
  /** Milliseconds for the whole run. Default none. */
  readonly timeoutMs?: number | undefined;
  readonly seed?: number | undefined;
}

/** What a harness run came to: the machine-readable report, and what rank 0 and the launcher printed. */
export interface HarnessReport extends RunReport {
  readonly passed: boolean;
  readonly output: string;
}

/** Runs scenarios from somebody's own tests: the programmatic face of the command. */
export class CheckpointTestHarness {
  readonly #options: HarnessOptions;

  constructor(options: HarnessOptions = {}) {
    this.#options = options;
  }

  /** Runs once. A failed run is a report; throws a CkptError only for what cannot be run. */
  async run(): Promise<HarnessReport> {
    checkOptions(this.#options);
    const { scenario, injectSpikeAtStep, ...options } = this.#options;
    const { numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest } = options;
    const parameters = withoutUndefined({
      numSteps,
      evalInterval,
      saveInterval,
      saveTotalLimit,
      preserveNBest,
      injectSpikeAtStep,
    });
    const told: string[] = [];
    const { report, output } = await launch(
      {
        ...DEFAULT_REQUEST,
        parameters,
        scenario: scenario ?? (typeof injectSpikeAtStep === 'number' ? 'spike' : 'basic'),
        worldSize: options.worldSize ?? DEFAULT_REQUEST.worldSize,
        seed: options.seed ?? DEFAULT_REQUEST.seed,
        outputDir: options.outputDir,
        keepOutputs: options.keepOutputs ?? false,
        discardOutputs: options.discardOutputs ?? false,
        overwrite: options.overwrite ?? false,
        barrierTimeoutMs: options.barrierTimeoutMs,
        timeoutMs: options.timeoutMs,
      },
      {
        platform: nodePlatform(),
        environment: process.env,
        interruption: noInterruption,
        primaryOutput: 'file',
        tell: ({ text }) => told.push(`${text}\n`),
      },
    );
    return { ...report, passed: report.exitCode === 0, output: output + told.join('') };
  }
}

/** Longer ones would run out at once: Node's timers count in 32 bits. */
const milliseconds: Expected<number> = {
  words: 'milliseconds, above 0 and below 2 ** 31',
  accepts: (value): value is number => positiveNumber.accepts(value) && value < 2 ** 31,
};

const EXPECTED: Readonly<Record<keyof HarnessOptions, Expected<unknown>>> = {
  outputDir: text,
  preserveNBest: count,
  saveTotalLimit: positiveOrNone,
  injectSpikeAtStep: positiveOrNone,
  numSteps: positiveInteger,
  evalInterval: positiveInteger,
  saveInterval: positiveInteger,
  worldSize: rankCount,
  scenario: text,
  keepOutputs: flag,
  discardOutputs: flag,
  overwrite: flag,
  barrierTimeoutMs: milliseconds,
  timeoutMs: milliseconds,
  seed: count,
};

const HINT = 'Correct the options of the harness; docs/harness.md has them all.';

const FIELDS = `Use one of ${Object.keys(EXPECTED).join(', ')}.`;

const isOption = (name: string): name is keyof HarnessOptions => Object.hasOwn(EXPECTED, name);

/** Users write JavaScript too: what the types promise is checked. */
function checkOptions(options: HarnessOptions): void {
  if (!isJsonObject(options)) throw usageError(`options: got ${describe(options)}, expected an object`, FIELDS);
  for (const [name, value] of Object.entries(options)) {
    if (!isOption(name)) throw usageError(`${name}: there is no such option`, FIELDS);
    if (value !== undefined) expectValue(name, value, EXPECTED[name], HINT);
  }
  if (options.keepOutputs === true && options.discardOutputs === true) throw givenTogether('keepOutputs', 'discardOutputs');
}

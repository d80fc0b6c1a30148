import type { Limit } from '../shared/contracts/checkpoint.ts';
import { count, expectValue, positiveInteger, positiveNumber, text } from '../shared/contracts/expectation.ts';
import type { RunReport } from '../shared/contracts/run-report.ts';
import { nodePlatform } from '../shared/platform/platform.ts';
import { noInterruption } from './interruption.ts';
import { launch } from './launch.ts';
import { DEFAULT_REQUEST, withoutUndefined } from './launch-request.ts';

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
  /** Number of ranks. Default 1. */
  readonly worldSize?: number | undefined;
  /** A built-in name or a scenario file. Default: `spike` where a spike is injected, else `basic`. */
  readonly scenario?: string | undefined;
  /** Keep the checkpoints and the run directory. Default false. */
  readonly keepOutputs?: boolean | undefined;
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
    const { scenario, worldSize, barrierTimeoutMs, timeoutMs, seed, outputDir, ...options } = this.#options;
    const { numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest, injectSpikeAtStep } = options;
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
        scenario: ifGiven('scenario', scenario, text) ?? (typeof injectSpikeAtStep === 'number' ? 'spike' : 'basic'),
        worldSize: ifGiven('worldSize', worldSize, positiveInteger) ?? DEFAULT_REQUEST.worldSize,
        seed: ifGiven('seed', seed, count) ?? DEFAULT_REQUEST.seed,
        outputDir: ifGiven('outputDir', outputDir, text),
        keepOutputs: options.keepOutputs ?? false,
        overwrite: options.overwrite ?? false,
        barrierTimeoutMs: ifGiven('barrierTimeoutMs', barrierTimeoutMs, positiveNumber),
        timeoutMs: ifGiven('timeoutMs', timeoutMs, positiveNumber),
      },
      {
        platform: nodePlatform(),
        environment: process.env,
        interruption: noInterruption,
        primaryOutput: 'file',
        tell: (line) => told.push(`${line}\n`),
      },
    );
    return { ...report, passed: report.exitCode === 0, output: output + told.join('') };
  }
}

const ifGiven = <T>(name: string, value: unknown, expected: Parameters<typeof expectValue<T>>[2]): T | undefined =>
  value === undefined ? undefined : expectValue(name, value, expected);

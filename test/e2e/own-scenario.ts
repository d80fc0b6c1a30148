import type { RunReport } from '../../shared/contracts/run-report.ts';
import type { CommandResult } from './run-command.ts';
import { onlyVerdict, type Sandbox, sandbox, scenarioText } from './sandbox.ts';

/** How a scenario of a test's own is run. */
export interface OwnRunOptions {
  /** Default 1, which is the fastest. */
  readonly ranks?: number;
  /** Code before the scenario. */
  readonly before?: string;
  readonly args?: readonly string[];
}

/** What a run of it came to. */
export interface OwnRun extends CommandResult {
  readonly box: Sandbox;
  readonly report: RunReport;
}

/** Runs the scenario that has these fields. */
export async function runOwn(fields: string, { ranks = 1, before = '', args = [] }: OwnRunOptions = {}): Promise<OwnRun> {
  const box = sandbox();
  box.write('mine.mjs', scenarioText(fields, before));
  const shared = [`--nproc-per-node=${ranks}`, '--scenario=./mine.mjs', '--discard-outputs'];
  return { box, ...(await box.runForReport([...shared, ...args])) };
}

/** The names of the invariants that do not hold, each once, in printing order. */
export const failedIn = (report: RunReport): readonly string[] => [
  ...new Set(onlyVerdict(report).findings.flatMap(({ status, invariant }) => (status === 'passed' ? [] : [invariant]))),
];

/** The lines of stderr that are not steps of training. */
export const complaints = (stderr: string): readonly string[] =>
  stderr.split('\n').filter((line) => line !== '' && !/^mine {2}step/.test(line));

import { basename, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { usageError } from '../shared/contracts/errors.ts';
import type { Fault } from '../shared/contracts/fault.ts';
import { DEFAULT_BARRIER_TIMEOUT_MS, type PlannedScenario } from '../shared/contracts/run-plan.ts';
import type { Scenario, ScenarioDefinition, ScenarioParameters } from '../shared/contracts/scenario.ts';
import type { Disk } from '../shared/platform/disk.ts';
import { inspectScenario } from '../shared/platform/scenario-loader.ts';
import { didYouMean } from '../shared/policy/nearest.ts';
import { resolveScenario } from '../shared/policy/scenario-parameters.ts';
import { checkScenarioShape } from '../shared/policy/scenario-shape.ts';
import { vetCallbacks } from './callback-vetting.ts';
import type { LaunchRequest } from './launch-request.ts';

/** The package's directory: the same from the sources and from the bundle. */
export const PACKAGE_URL = new URL('../', import.meta.url);
export const PACKAGE_DIRECTORY = fileURLToPath(PACKAGE_URL);

const BUILT_IN_DIRECTORY = fileURLToPath(new URL('dist/scenarios/', PACKAGE_URL));

const PROGRAM = /\.[cm]?[jt]s$/;

/** What `--scenario all` runs, in this order. */
const ALL = ['basic', 'spike'];

/** The files of the built-in scenarios by name, ascending. */
export function builtInScenarios(disk: Disk): ReadonlyMap<string, string> {
  const files = disk
    .list(BUILT_IN_DIRECTORY)
    .filter((name) => name.endsWith('.cjs'))
    .sort();
  return new Map(files.map((file) => [basename(file, '.cjs'), join(BUILT_IN_DIRECTORY, file)]));
}

/**
 * Finds, loads and checks the scenarios that were asked for. Throws CKPT_USAGE for an unknown name (with the nearest) or
 * numbers that cannot be meant, CKPT_SCENARIO_INVALID for a file that does not load.
 */
export async function planScenarios(disk: Disk, wanted: WantedScenarios): Promise<Selection> {
  const { scenario: name, parameters, worldSize, faults } = wanted;
  const files = filesOf(disk, name);
  const scenarios: PlannedScenario[] = [];
  const resolved: Scenario[] = [];
  for (const file of files) {
    const definition = await inspectScenario(file, PACKAGE_URL, checkScenarioShape);
    const own = files.length > 1 ? applicable(definition, parameters) : parameters;
    const scenario = resolveScenario(definition, own, worldSize);
    vetCallbacks(scenario, worldSize);
    scenarios.push({ name: definition.name, file, parameters: own });
    resolved.push(scenario);
  }
  for (const fault of faults) refuseIdleFault(fault, resolved, worldSize);
  const patience = resolved.map(({ barrierTimeoutMs = DEFAULT_BARRIER_TIMEOUT_MS }) => barrierTimeoutMs);
  return {
    scenarios,
    patienceMs: Math.max(...patience),
    faults: [...faults, ...resolved.flatMap((each) => each.faults).filter(concernsStart)],
  };
}

/** What a run is asked to run. */
export type WantedScenarios = Pick<LaunchRequest, 'scenario' | 'parameters' | 'worldSize' | 'faults'>;

/** What it will run. */
export interface Selection {
  readonly scenarios: readonly PlannedScenario[];
  /** The longest barrier time-out of one of them. */
  readonly patienceMs: number;
  /** Those of the command line, and those of the scenarios that concern the start of ranks. */
  readonly faults: readonly Fault[];
}

const concernsStart = ({ kind }: Fault): boolean => ['no-start', 'world-size', 'oom', 'freeze-host'].includes(kind);

/** A fault that can never strike would let a run pass that was meant to fail. */
function refuseIdleFault(fault: Fault, scenarios: readonly Scenario[], worldSize: number): void {
  if (fault.rank >= worldSize)
    throw usageError(
      `--inject ${fault.kind}: there is no rank ${fault.rank}, expected a rank from 0 to ${worldSize - 1}`,
      `Add --nproc-per-node=${fault.rank + 1}.`,
    );
  if (!('step' in fault)) return;
  if (scenarios.some(({ saveInterval, numSteps }) => fault.step % saveInterval === 0 && fault.step <= numSteps)) return;
  const saves = new Set(scenarios.map(({ saveInterval, numSteps }) => `a multiple of ${saveInterval} up to ${numSteps}`));
  throw usageError(
    `--inject ${fault.kind}: got step ${fault.step}, expected a step at which a checkpoint is saved, ${[...saves].join(' or ')}`,
    'Order the fault for a step at which a save is due.',
  );
}

function filesOf(disk: Disk, wanted: string): readonly string[] {
  const builtIn = builtInScenarios(disk);
  const names = wanted === 'all' ? ALL : [wanted];
  const files = names.flatMap((name) => builtIn.get(name) ?? []);
  return files.length === names.length ? files : [userFile(disk, wanted, [...builtIn.keys(), 'all'])];
}

function userFile(disk: Disk, wanted: string, names: readonly string[]): string {
  const looksLikeFile = PROGRAM.test(wanted) || wanted.includes('/') || isAbsolute(wanted);
  if (!looksLikeFile)
    throw usageError(
      `--scenario ${wanted}: there is no such scenario${didYouMean(wanted, names)}`,
      `Choose one of ${names.join(', ')}, or a scenario file.`,
    );
  const file = resolve(wanted);
  if (!PROGRAM.test(file))
    throw usageError(`--scenario ${wanted}: expected a file that ends in .ts, .mts, .cts, .js, .mjs or .cjs`);
  if (disk.resolveLinks(file) === undefined)
    throw usageError(`--scenario ${wanted}: there is no such file`, 'Check the path; it is taken from the current directory.');
  return file;
}

/** Of several scenarios, a spike goes to those that have one. */
function applicable(
  { injectSpikeAtStep: own }: ScenarioDefinition,
  parameters: Partial<ScenarioParameters>,
): Partial<ScenarioParameters> {
  const { injectSpikeAtStep: _, ...others } = parameters;
  return own === undefined ? others : parameters;
}

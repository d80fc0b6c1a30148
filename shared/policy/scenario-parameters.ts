import { usageError } from '../contracts/errors.ts';
import { count, expectValue, positiveInteger, positiveOrNone } from '../contracts/expectation.ts';
import type { Scenario, ScenarioDefinition, ScenarioParameters } from '../contracts/scenario.ts';
import { updateBestCheckpoints } from './best-list.ts';
import { defaultMode } from './metric-order.ts';
import { newestAndBest } from './retention.ts';

const DEFAULTS: ScenarioParameters = {
  numSteps: 100,
  evalInterval: 25,
  saveInterval: 25,
  saveTotalLimit: 3,
  preserveNBest: 0,
  injectSpikeAtStep: 'none',
};

/** What the metric becomes when a spike is injected. */
const SPIKE_METRIC = 8;

/** How each parameter is spelled where people meet it: as an option. */
const OPTION_NAMES: Readonly<Record<keyof ScenarioParameters, string>> = {
  numSteps: '--num-steps',
  evalInterval: '--eval-interval',
  saveInterval: '--save-interval',
  saveTotalLimit: '--save-total-limit',
  preserveNBest: '--preserve-n-best',
  injectSpikeAtStep: '--inject-spike-at-step',
};

/**
 * Fills in a scenario's defaults under the parameters of a run. Throws CKPT_USAGE for numbers out of range, for a run that
 * would save nothing, for a spike that no detector could see, and for too few ranks. Runs nothing of the scenario's own.
 */
export function resolveScenario(definition: ScenarioDefinition, given: Partial<ScenarioParameters>, worldSize: number): Scenario {
  const parameters = checkParameters({ ...DEFAULTS, ...defined(definition), ...defined(given) });
  const metricName = definition.metricName ?? 'loss';
  const scenario: Scenario = {
    ...parameters,
    name: definition.name,
    summary: definition.summary,
    metric: withSpike(definition, parameters),
    metricName,
    mode: definition.mode ?? defaultMode(metricName),
    callbacks: definition.callbacks ?? (() => []),
    hasCallbacks: definition.callbacks !== undefined,
    retention: definition.retention ?? newestAndBest,
    hasOwnRetention: definition.retention !== undefined,
    updateBestCheckpoints: definition.updateBestCheckpoints ?? updateBestCheckpoints,
    saveOrder: definition.saveOrder ?? 'update-before-save',
    faults: definition.faults ?? [],
    expect: {
      divergence: definition.expect?.divergence ?? parameters.injectSpikeAtStep !== 'none',
      onDisk: definition.expect?.onDisk,
    },
    barrierTimeoutMs: definition.barrierTimeoutMs,
    hint: definition.hint,
  };
  refuseVoidRun(scenario);
  refuseInvisibleSpike(scenario);
  refuseWrongWorld(definition, worldSize);
  refuseIdleFaults(scenario);
  return scenario;
}

/** Checks every number of a set of parameters against its range; each message names the option. */
export function checkParameters(parameters: ScenarioParameters): ScenarioParameters {
  const name = OPTION_NAMES;
  return {
    numSteps: expectValue(name.numSteps, parameters.numSteps, positiveInteger),
    evalInterval: expectValue(name.evalInterval, parameters.evalInterval, positiveInteger),
    saveInterval: expectValue(name.saveInterval, parameters.saveInterval, positiveInteger),
    saveTotalLimit: expectValue(name.saveTotalLimit, parameters.saveTotalLimit, positiveOrNone),
    preserveNBest: expectValue(name.preserveNBest, parameters.preserveNBest, count),
    injectSpikeAtStep: expectValue(name.injectSpikeAtStep, parameters.injectSpikeAtStep, positiveOrNone),
  };
}

function defined(partial: Partial<ScenarioParameters>): Partial<ScenarioParameters> {
  const names = Object.keys(OPTION_NAMES);
  return Object.fromEntries(Object.entries(partial).filter(([name, value]) => names.includes(name) && value !== undefined));
}

function withSpike(
  { metric, spikeMetric = SPIKE_METRIC }: ScenarioDefinition,
  { injectSpikeAtStep }: ScenarioParameters,
): Scenario['metric'] {
  if (injectSpikeAtStep === 'none') return metric;
  return (step, rank) => (step >= injectSpikeAtStep ? spikeMetric : metric(step, rank));
}

function refuseVoidRun({ name, numSteps, saveInterval }: Scenario): void {
  if (saveInterval <= numSteps) return;
  throw usageError(
    `--save-interval ${saveInterval}: scenario ${name} has ${numSteps} steps, so nothing would ever be saved or verified`,
    `Choose a save interval of at most ${numSteps}, or more steps.`,
  );
}

function refuseInvisibleSpike({ injectSpikeAtStep: spike, numSteps, evalInterval }: Scenario): void {
  if (spike === 'none') return;
  const seen = Math.floor(numSteps / evalInterval) - Math.ceil(spike / evalInterval) + 1;
  const before = Math.ceil(spike / evalInterval) - 1;
  if (seen < 2 || before < 1) {
    throw usageError(
      `--inject-spike-at-step ${spike}: with ${numSteps} steps and an evaluation every ${evalInterval} the detector sees ` +
        `${Math.max(before, 0)} evaluations before and ${Math.max(seen, 0)} after it, expected at least 1 and 2`,
    );
  }
}

function refuseWrongWorld({ name, minWorldSize = 1, faults = [] }: ScenarioDefinition, worldSize: number): void {
  const needed = Math.max(minWorldSize, ...faults.map((fault) => fault.rank + 1));
  if (worldSize >= needed) return;
  throw usageError(
    `--nproc-per-node ${worldSize}: scenario ${name} needs at least ${needed} ranks`,
    `Add --nproc-per-node=${needed}.`,
  );
}

/** A fault that can never strike would let a run pass that was meant to fail. */
function refuseIdleFaults({ name, faults, numSteps, saveInterval }: Scenario): void {
  const steps = faults.flatMap((fault) => ('step' in fault ? [{ kind: fault.kind, step: fault.step }] : []));
  const idle = steps.find(({ step }) => step % saveInterval !== 0 || step > numSteps);
  if (idle === undefined) return;
  throw usageError(
    `scenario ${name}: its fault ${idle.kind} strikes at step ${idle.step}, but saves happen every ${saveInterval} of ${numSteps} steps`,
    'Order the fault for a step at which a save is due.',
  );
}

import type { TrainerCallback } from '../shared/contracts/callback.ts';
import { messageOf, usageError } from '../shared/contracts/errors.ts';
import type { Scenario } from '../shared/contracts/scenario.ts';
import { callbacksProblem, isDetector } from '../shared/policy/callback-shape.ts';

/** Makes one set of callbacks, as rank 0 will. Throws CKPT_USAGE when that does not work, and for a spike without a detector. */
export function vetCallbacks(scenario: Scenario, worldSize: number): void {
  const { injectSpikeAtStep: spike, name } = scenario;
  const callbacks = callbacksOf(scenario, worldSize);
  if (spike === 'none' || callbacks.some(isDetector)) return;
  throw usageError(`--inject-spike-at-step ${spike}: scenario ${name} has no divergence detector that could see it`);
}

function callbacksOf(scenario: Scenario, worldSize: number): readonly TrainerCallback[] {
  const made = madeBy(scenario, worldSize);
  const problem = callbacksProblem(made);
  if (problem === undefined) return made;
  throw refused(scenario, problem);
}

function madeBy(scenario: Scenario, worldSize: number): readonly TrainerCallback[] {
  const { callbacks, metricName, mode } = scenario;
  try {
    return callbacks({ rank: 0, worldSize, metricName, mode });
  } catch (thrown) {
    throw refused(scenario, `callbacks() throws: ${messageOf(thrown)}`);
  }
}

const refused = ({ name }: Scenario, problem: string): Error =>
  usageError(`scenario ${name}: ${problem}`, 'Correct the callbacks of the scenario file.');

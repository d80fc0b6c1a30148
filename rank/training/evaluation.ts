import { CkptError } from '../../shared/contracts/errors.ts';
import { describe } from '../../shared/contracts/expectation.ts';
import { decodeMetric, encodeMetric, isEncodedMetric } from '../../shared/contracts/metric.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import type { TrainingContext } from '../context.ts';

const BLAME = { code: 'CKPT_RANK_FAILED', hint: "Correct the scenario's metric." } as const;

/** Measures this rank's metric at a step and returns the mean over all ranks that have one: equal on every rank. */
export async function evaluate(
  { world, agreement, journal }: Pick<TrainingContext, 'world' | 'agreement' | 'journal'>,
  scenario: Scenario,
  step: number,
): Promise<number | undefined> {
  const meeting = { name: `${scenario.name}/evaluate@${step}`, blame: BLAME, accepts: isEncodedMetric };
  const local = await agreement.agree(meeting, async () => encodeMetric(await measure(scenario, step, world.rank)));
  const metric = mean(local.map(decodeMetric).filter((value) => value !== undefined));
  journal.append({ type: 'evaluation:finished', step, local: local[world.rank] ?? null, metric: encodeMetric(metric) });
  return metric;
}

/** Users write JavaScript too: what the types promise is checked. */
async function measure({ name, metric }: Scenario, step: number, rank: number): Promise<number | undefined> {
  const measured: unknown = await metric(step, rank);
  if (measured === undefined || typeof measured === 'number') return measured;
  throw new CkptError(`metric(${step}, ${rank}) of scenario ${name} is ${describe(measured)}, expected a number or undefined`, {
    code: 'CKPT_SCENARIO_INVALID',
    hint: BLAME.hint,
  });
}

/** The arithmetic mean; equal values give exactly that value, and none give undefined. */
function mean(values: readonly number[]): number | undefined {
  const [first] = values;
  if (first === undefined || values.every((value) => Object.is(value, first))) return first;
  const sum = values.reduce((total, value) => total + value, 0);
  // Large values overflow in a sum, not in a mean.
  return Number.isFinite(sum) ? sum / values.length : values.reduce((total, value) => total + value / values.length, 0);
}

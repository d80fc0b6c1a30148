import type { Json } from '../shared/contracts/json.ts';
import { decodeMetric, type EncodedMetric, encodeMetric } from '../shared/contracts/metric.ts';
import type { Scenario } from '../shared/contracts/scenario.ts';
import { agree } from './agreement.ts';
import type { RankContext } from './context.ts';

const BLAME = { code: 'CKPT_RANK_FAILED', hint: "Correct the scenario's metric." } as const;

const isEncodedMetric = (value: Json): value is EncodedMetric =>
  value === null || typeof value === 'number' || ['NaN', 'Infinity', '-Infinity', '-0'].some((word) => word === value);

/** Measures this rank's metric at a step and returns the mean over all ranks that have one: equal on every rank. */
export async function evaluate(
  { world, barrier, journal }: RankContext,
  scenario: Scenario,
  step: number,
): Promise<number | undefined> {
  const local = await agree(barrier, { name: `${scenario.name}/evaluate@${step}`, blame: BLAME, accepts: isEncodedMetric }, () =>
    encodeMetric(scenario.metric(step, world.rank)),
  );
  const metric = mean(local.map(decodeMetric).filter((value) => value !== undefined));
  journal.append({ type: 'evaluation:finished', step, local: local[world.rank] ?? null, metric: encodeMetric(metric) });
  return metric;
}

/** The arithmetic mean; equal values give exactly that value, and none give undefined. */
function mean(values: readonly number[]): number | undefined {
  const [first] = values;
  if (first === undefined || values.every((value) => Object.is(value, first))) return first;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import type { BestEntry, CheckpointInfo } from '../../shared/contracts/checkpoint.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import { describe } from '../../shared/contracts/expectation.ts';
import { isJsonObject } from '../../shared/contracts/json.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';

/** Lets a scenario update its best list. Throws CKPT_SCENARIO_INVALID for what is no best list. */
export function runBestListUpdate(
  scenario: Scenario,
  best: readonly BestEntry[],
  { step, metric }: CheckpointInfo,
): readonly BestEntry[] {
  const updated: unknown = scenario.updateBestCheckpoints(best, { step, metric }, scenario);
  if (isBestList(updated)) return updated;
  const message = `updateBestCheckpoints at step ${step}: got ${describe(updated)}, expected an array of { step, metric }`;
  throw new CkptError(message, { code: 'CKPT_SCENARIO_INVALID', hint: 'Correct updateBestCheckpoints of the scenario.' });
}

const isBestList = (value: unknown): value is readonly BestEntry[] =>
  Array.isArray(value) &&
  value.every((entry) => isJsonObject(entry) && typeof entry['step'] === 'number' && typeof entry['metric'] === 'number');

import type { BestEntry, CheckpointInfo } from '../../shared/contracts/checkpoint.ts';
import { CkptError, messageOf } from '../../shared/contracts/errors.ts';
import { count, describe } from '../../shared/contracts/expectation.ts';
import { isJsonObject } from '../../shared/contracts/json.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';

/** Lets a scenario update its best list. Throws CKPT_SCENARIO_INVALID when it throws or what it returns is no best list. */
export function runBestListUpdate(
  scenario: Scenario,
  best: readonly BestEntry[],
  { step, metric }: CheckpointInfo,
): readonly BestEntry[] {
  const updated = orRefuse(step, () => scenario.updateBestCheckpoints(best, { step, metric }, scenario));
  if (isBestList(updated)) return updated;
  throw invalidUpdate(step, `got ${describe(updated)}, expected an array of { step, metric }`);
}

function orRefuse(step: number, update: () => unknown): unknown {
  try {
    return update();
  } catch (cause) {
    throw invalidUpdate(step, `it threw: ${messageOf(cause)}`, cause);
  }
}

const invalidUpdate = (step: number, wrong: string, cause?: unknown): CkptError =>
  new CkptError(`updateBestCheckpoints at step ${step}: ${wrong}`, {
    code: 'CKPT_SCENARIO_INVALID',
    hint: 'Correct updateBestCheckpoints of the scenario.',
    cause,
  });

const isBestList = (value: unknown): value is readonly BestEntry[] =>
  Array.isArray(value) &&
  value.every((entry) => isJsonObject(entry) && count.accepts(entry['step']) && typeof entry['metric'] === 'number');

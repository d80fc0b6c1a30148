import type { CheckpointInfo, RetentionDecision, RetentionHistory } from '../../shared/contracts/checkpoint.ts';
import { CkptError, messageOf } from '../../shared/contracts/errors.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import { checkDecision } from '../../shared/policy/decision-check.ts';

/** Lets a scenario's retention decide. Throws CKPT_RETENTION_INVALID when it throws or its decision cannot be carried out. */
export function runRetention(
  { retention, saveTotalLimit, preserveNBest, mode }: Scenario,
  history: { readonly checkpoints: readonly CheckpointInfo[]; readonly best: RetentionHistory['best'] },
  step: number,
): RetentionDecision {
  const decision = orRefuse(step, () => retention({ ...history, saveTotalLimit, preserveNBest, mode }));
  const wrong = checkDecision(decision, history.checkpoints);
  if (wrong !== undefined) throw invalidRetention(step, wrong);
  return decision;
}

function orRefuse(step: number, decide: () => RetentionDecision): RetentionDecision {
  try {
    return decide();
  } catch (cause) {
    throw invalidRetention(step, `it threw: ${messageOf(cause)}`, cause);
  }
}

const invalidRetention = (step: number, wrong: string, cause?: unknown): CkptError =>
  new CkptError(`retention at step ${step}: ${wrong}`, {
    code: 'CKPT_RETENTION_INVALID',
    hint: "Correct the scenario's retention: it returns every step it was given, once, in preserve or in delete.",
    cause,
  });

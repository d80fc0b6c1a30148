import { type CkptError, usageError } from '../../shared/contracts/errors.ts';
import { describe } from '../../shared/contracts/expectation.ts';
import { isJsonObject, parseJson } from '../../shared/contracts/json.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';

/** What all ranks of a run must have been told alike, and what it is called. */
const ALIKE = {
  ckptRun: 'version of ckpt-run',
  worldSize: 'world size',
  outputDir: 'output directory',
  scenarios: 'scenario configuration',
  barrierTimeoutMs: '--barrier-timeout in milliseconds',
  hardTimeoutMs: '--hard-timeout in milliseconds',
  seed: 'seed',
  faults: '--inject',
  output: 'output style',
} as const satisfies Readonly<Partial<Record<keyof RunPlan, string>>>;

/** What a rank was told otherwise than the rank that wrote the run's plan; undefined when they agree. */
export function disagreement(rank: number, own: RunPlan, standing: string): CkptError | undefined {
  const theirs = parseJson(standing, isJsonObject) ?? {};
  const fields = Object.keys(ALIKE).filter((name): name is keyof typeof ALIKE => name in ALIKE);
  const field = fields.find((name) => JSON.stringify(own[name]) !== JSON.stringify(theirs[name]));
  if (field === undefined) return undefined;
  return usageError(
    `rank ${rank}: its ${ALIKE[field]} is ${describe(own[field])}, and that of the run's plan is ${describe(theirs[field])}`,
    'Start all ranks with the same options and the same version of ckpt-run.',
  );
}

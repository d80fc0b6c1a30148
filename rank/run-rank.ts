import { join } from 'node:path';
import { DEFAULT_BARRIER_TIMEOUT_MS } from '../shared/contracts/run-plan.ts';
import type { Scenario, ScenarioDefinition } from '../shared/contracts/scenario.ts';
import { resolveScenario } from '../shared/policy/scenario-parameters.ts';
import { openAgreement } from './agreement.ts';
import { isPrimary, type RankContext, type TrainingContext } from './context.ts';
import { notedBarrier } from './doing.ts';
import { forever } from './faults/deeds.ts';
import { faultInjector } from './faults/fault-injector.ts';
import { faultyBarrier } from './faults/faulty-barrier.ts';
import { ifLeft } from './faults/left-step.ts';
import { measureOutput } from './printed-output.ts';
import { train } from './training/trainer.ts';
import { verdictLines } from './verification/verdict-lines.ts';
import { verify } from './verification/verifier.ts';

/** How long ranks wait at the start of a scenario for rank 0, which judges the one before, if not longer. */
const VERDICT_PATIENCE_MS = 600_000;

/** Gives the scenario that a file defines. */
export type ScenarioSource = (file: string) => Promise<ScenarioDefinition>;

/**
 * One rank's life: every scenario of the plan, one after the other, in one group; the next even if one fails. Throws at last when
 * results were lost.
 */
export async function runRank(context: RankContext, source: ScenarioSource): Promise<void> {
  const { plan, journal, platform, world } = context;
  measureOutput(context);
  const faults = faultInjector(context);
  const barriers = faultyBarrier(notedBarrier(context.barrier, context.doing), faults);
  await faults.atStart();
  for (const [place, { file, parameters }] of plan.scenarios.entries()) {
    const scenario = resolveScenario(await context.doing.loading(file, () => source(file)), parameters, world.worldSize);
    const patienceMs = patienceOf(context, scenario);
    faults.enlist(scenario.faults);
    const barrier = barriers.within(patienceMs);
    const directory = await makeDirectory(context, scenario);
    journal.append({ type: 'scenario:started', scenario: scenario.name });
    const start = place === 0 ? barrier : barrier.within(Math.max(patienceMs, VERDICT_PATIENCE_MS));
    await start.wait(`${scenario.name}/start`, null, givenOf(scenario)).catch(ifLeft([]));
    await runScenario({ ...context, faults, agreement: openAgreement(barrier, context.doing) }, scenario, directory);
  }
  context.results.check();
  faults.check();
  journal.append({ type: 'rank:finished', peakMemoryBytes: platform.peakMemoryBytes() });
}

/** What decides at which barriers a rank will be: where it differs, ranks must not begin. */
const givenOf = ({ numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest, mode }: Scenario): string =>
  Object.entries({ numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest, mode })
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const patienceOf = ({ plan }: RankContext, { barrierTimeoutMs }: Scenario): number =>
  plan.barrierTimeoutMs ?? barrierTimeoutMs ?? DEFAULT_BARRIER_TIMEOUT_MS;

async function makeDirectory({ platform: { disk }, plan }: RankContext, { name }: Scenario): Promise<string> {
  const directory = join(plan.outputDir, name);
  // A checkpoint lasts only if the directory above it does.
  if (disk.makeDirectory(directory)) await disk.sync([plan.outputDir]);
  return directory;
}

async function runScenario(context: TrainingContext, scenario: Scenario, directory: string): Promise<void> {
  if ((await train(context, scenario, directory)) === 'early-return') await forever(context.platform.clock);
  if (isPrimary(context)) announce(context, scenario, directory);
}

function announce(context: RankContext, scenario: Scenario, directory: string): void {
  const verdict = verify(context, scenario, directory);
  context.journal.append({ type: 'verdict:reached', verdict });
  context.progress.clear();
  for (const line of verdictLines(verdict, context.world.worldSize)) context.logger.log(line);
}

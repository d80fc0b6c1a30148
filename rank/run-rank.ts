import { join } from 'node:path';
import { DEFAULT_BARRIER_TIMEOUT_MS } from '../shared/contracts/run-plan.ts';
import type { Scenario, ScenarioDefinition } from '../shared/contracts/scenario.ts';
import { resolveScenario } from '../shared/policy/scenario-parameters.ts';
import { isPrimary, type RankContext } from './context.ts';
import { train } from './trainer.ts';
import { verdictLines } from './verdict-lines.ts';
import { printedByOthers, verify } from './verifier.ts';

/** Gives the scenario that a file defines. */
export type ScenarioSource = (file: string) => Promise<ScenarioDefinition>;

/** One rank's life: every scenario of the plan, one after the other, in one group; the next even if one fails. */
export async function runRank(context: RankContext, source: ScenarioSource): Promise<void> {
  for (const { file, parameters } of context.plan.scenarios)
    await runScenario(context, resolveScenario(await source(file), parameters, context.world.worldSize));
  context.journal.append({ type: 'rank:finished', peakMemoryBytes: context.platform.peakMemoryBytes() });
}

async function runScenario(context: RankContext, scenario: Scenario): Promise<void> {
  const { barrier, journal, platform, plan } = context;
  const directory = join(plan.outputDir, scenario.name);
  // A checkpoint lasts only if the directory above it does.
  if (platform.disk.makeDirectory(directory)) await platform.disk.sync([plan.outputDir]);
  context.patience.barrierTimeoutMs = plan.barrierTimeoutMs ?? scenario.barrierTimeoutMs ?? DEFAULT_BARRIER_TIMEOUT_MS;
  journal.append({ type: 'scenario:started', scenario: scenario.name });
  const printedBefore = isPrimary(context) ? printedByOthers(context) : [];
  await barrier.wait(`${scenario.name}/start`);
  if ((await train(context, scenario, directory)) === 'early-return') await forever(context);
  if (isPrimary(context)) announce(context, scenario, directory, printedBefore);
}

function announce(context: RankContext, scenario: Scenario, directory: string, printedBefore: readonly number[]): void {
  const verdict = verify(context, scenario, directory, printedBefore);
  context.journal.append({ type: 'verdict:reached', verdict });
  context.progress.clear();
  for (const line of verdictLines(verdict, context.world.worldSize)) context.logger.log(line);
}

/** What a rank does that has left training by mistake: it lives on, and nobody meets it again. */
const forever = ({ platform: { clock } }: RankContext): Promise<never> =>
  new Promise(() => {
    const again = (): void => void clock.after(60_000, again);
    again();
  });

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openAgreement } from '../../rank/agreement.ts';
import type { TrainingContext } from '../../rank/context.ts';
import { openDoing } from '../../rank/doing.ts';
import { faultInjector } from '../../rank/faults/fault-injector.ts';
import { noProgress } from '../../rank/progress.ts';
import { type TrainingEnd, train } from '../../rank/training/trainer.ts';
import { gatherEvidence } from '../../rank/verification/verifier.ts';
import type { Evidence } from '../../shared/contracts/evidence.ts';
import type { ScenarioDefinition } from '../../shared/contracts/scenario.ts';
import type { World } from '../../shared/contracts/world.ts';
import { openFileBarrier } from '../../shared/platform/barrier/file-barrier.ts';
import { openJournal } from '../../shared/platform/journal-file.ts';
import { nodePlatform, type Platform } from '../../shared/platform/platform.ts';
import { runDirectory } from '../../shared/platform/run-directory.ts';
import { nodeSabotage } from '../../shared/platform/sabotage.ts';
import { resolveScenario } from '../../shared/policy/scenario-parameters.ts';
import { nowhere, stillHeart } from './stand-ins.ts';

/** A rank's place in a world on one machine. */
export const worldOf = (rank: number, worldSize: number): World => ({
  ...{ rank, worldSize, localRank: rank, localWorldSize: worldSize },
  ...{ groupRank: 0, runId: 'test-run', attempt: 0 },
});

/** How several ranks in one process trained a scenario together. */
export interface GroupRun {
  readonly ends: readonly PromiseSettledResult<TrainingEnd>[];
  /** The scenario's directory. */
  readonly directory: string;
  readonly evidence: Evidence;
}

/** Trains a scenario on real barriers and a real disk; `platformOf` gives a rank another platform. */
export async function runGroup(
  definition: ScenarioDefinition,
  worldSize: number,
  platformOf: (rank: number) => Platform = nodePlatform,
): Promise<GroupRun> {
  const scenario = resolveScenario(definition, {}, worldSize);
  const contexts = groupContexts(worldSize, platformOf);
  const [primary] = contexts;
  if (primary === undefined) throw new RangeError('a world has at least one rank');
  const directory = join(primary.plan.outputDir, scenario.name);
  mkdirSync(directory);
  for (const { journal } of contexts) journal.append({ type: 'scenario:started', scenario: scenario.name });
  for (const { faults } of contexts) faults.enlist(scenario.faults);
  const ends = await Promise.allSettled(contexts.map((context) => train(context, scenario, directory)));
  return { ends, directory, evidence: gatherEvidence({ ...primary, platform: nodePlatform() }, scenario, directory) };
}

/** The contexts of all ranks of a group, on a new output directory. */
export function groupContexts(
  worldSize: number,
  platformOf: (rank: number) => Platform = nodePlatform,
): readonly TrainingContext[] {
  const outputDir = mkdtempSync(join(tmpdir(), 'ckpt-run-group-'));
  onTestFinished(() => rmSync(outputDir, { recursive: true, force: true }));
  return Array.from({ length: worldSize }, (_, rank) => contextOf(worldOf(rank, worldSize), outputDir, platformOf(rank)));
}

function contextOf(world: World, outputDir: string, platform: Platform): TrainingContext {
  const run = runDirectory(join(outputDir, '.ckpt-run'));
  mkdirSync(run.journals, { recursive: true });
  const { rank, worldSize } = world;
  const journal = openJournal(platform, run.journal(rank));
  const barrier = openFileBarrier({ platform, directory: run.barriers, rank, worldSize, journal, timeoutMs: 20_000 });
  onTestFinished(() => {
    barrier.close();
    journal.close();
  });
  const output = { logFormat: 'text', quiet: true, color: false, progress: false } as const;
  const asked = { scenarios: [], barrierTimeoutMs: null, hardTimeoutMs: 600_000, seed: 1, faults: [], output };
  const made = { format: 'ckpt-run-plan', version: 1, ckptRun: '0', runId: world.runId, attempt: 0 } as const;
  const plan = { ...made, ...asked, worldSize, outputDir };
  const logger = { log: () => undefined };
  const lifeline = { check: () => undefined };
  const doing = openDoing(nodePlatform().clock);
  const place = { world, plan, platform, sabotage: nodeSabotage({}), heart: stillHeart, notices: nowhere, doing, lifeline, run };
  return {
    ...place,
    barrier,
    journal,
    logger,
    results: { check: () => undefined },
    progress: noProgress,
    faults: faultInjector({ ...place, journal }),
    agreement: openAgreement(barrier, doing),
  };
}

/** The ends of ranks that all came to the same one. */
export const alike = (worldSize: number, end: TrainingEnd): readonly PromiseSettledResult<TrainingEnd>[] =>
  Array.from({ length: worldSize }, () => ({ status: 'fulfilled', value: end }));

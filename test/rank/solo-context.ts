import { openAgreement } from '../../rank/agreement.ts';
import type { TrainingContext } from '../../rank/context.ts';
import { openDoing } from '../../rank/doing.ts';
import { faultInjector } from '../../rank/faults/fault-injector.ts';
import { noProgress } from '../../rank/progress.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import type { RunPlan } from '../../shared/contracts/run-plan.ts';
import { openSoloBarrier } from '../../shared/platform/barrier/solo-barrier.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { runDirectory } from '../../shared/platform/run-directory.ts';
import { nodeSabotage } from '../../shared/platform/sabotage.ts';
import { nowhere, stillHeart } from './stand-ins.ts';

/** The only rank of a run called `mine` in a directory; `onEntry` hears what it writes into its journal. */
export function soloContext(outputDir: string, onEntry: (entry: JournalEntry) => void, check: () => void): TrainingContext {
  const world = { rank: 0, localRank: 0, worldSize: 1, localWorldSize: 1, groupRank: 0, runId: 'mine', attempt: 0 };
  const journal = { append: onEntry };
  const barrier = openSoloBarrier(journal);
  const plan: RunPlan = {
    ...{ format: 'ckpt-run-plan', version: 1, ckptRun: '0', runId: 'mine', attempt: 0, worldSize: 1, outputDir, scenarios: [] },
    ...{ barrierTimeoutMs: null, hardTimeoutMs: 600_000, seed: 0, faults: [] },
    output: { logFormat: 'text', quiet: true, color: false, progress: false },
  };
  const doing = openDoing(nodePlatform().clock);
  const place = {
    world,
    plan,
    journal,
    platform: nodePlatform(),
    sabotage: nodeSabotage({}),
    heart: stillHeart,
    notices: nowhere,
    doing,
    run: runDirectory(outputDir),
  };
  return {
    ...place,
    lifeline: { check },
    barrier,
    logger: { log: () => undefined },
    results: { check: () => undefined },
    progress: noProgress,
    faults: faultInjector(place),
    agreement: openAgreement(barrier, doing),
  };
}

import { fileURLToPath } from 'node:url';
import { CkptError } from '../shared/contracts/errors.ts';
import { EXIT_CODES } from '../shared/contracts/exit-code.ts';
import {
  DEFAULT_BARRIER_TIMEOUT_MS,
  LAUNCHER_PID_VARIABLE,
  RUN_DIRECTORY_VARIABLE,
  type RunPlan,
} from '../shared/contracts/run-plan.ts';
import { worldFromEnvironment } from '../shared/contracts/world.ts';
import { openFileBarrier } from '../shared/platform/barrier/file-barrier.ts';
import { openSoloBarrier } from '../shared/platform/barrier/solo-barrier.ts';
import { withFreshView } from '../shared/platform/fresh-view.ts';
import { openHeart, watcherIn } from '../shared/platform/heartbeat/heart.ts';
import { receiveVisits } from '../shared/platform/inspector/visited.ts';
import { openJournal } from '../shared/platform/journal-file.ts';
import { holdLifeline, type Lifeline } from '../shared/platform/lifeline.ts';
import { openLogger } from '../shared/platform/logger.ts';
import { descriptorOutput } from '../shared/platform/output.ts';
import { nodePlatform, type Platform } from '../shared/platform/platform.ts';
import { openRankProgress } from '../shared/platform/rank-progress.ts';
import { runDirectory } from '../shared/platform/run-directory.ts';
import { nodeSabotage } from '../shared/platform/sabotage.ts';
import { loadScenario } from '../shared/platform/scenario-loader.ts';
import { openNotices, openResults } from '../shared/platform/standard-streams.ts';
import { onStreamError } from '../shared/platform/stream-errors.ts';
import { checkScenarioShape } from '../shared/policy/scenario-shape.ts';
import type { RankContext } from './context.ts';
import { answering, type Doing, openDoing } from './doing.ts';
import { tellEarlyEnd } from './early-end.ts';
import { pliablePlatform } from './faults/simulation.ts';
import { giveUp } from './give-up.ts';
import { noProgress, terminalProgress } from './progress.ts';
import { runRank, type ScenarioSource } from './run-rank.ts';

/** A rank's process from its start to its exit code. */
async function main(platform: Platform, environment: NodeJS.ProcessEnv): Promise<number> {
  const lifeline = holdLifeline(platform, Number(environment[LAUNCHER_PID_VARIABLE]));
  const context = await openContext(platform, environment, lifeline);
  const giveUpOver = (thrown: unknown): number => giveUp(thrown, context.journal, notices);
  const endsInTime = tellEarlyEnd(process, context.doing, context.journal, giveUpOver);
  try {
    await runRank(context, scenarioSource);
    return EXIT_CODES.passed;
  } catch (thrown) {
    return giveUpOver(thrown);
  } finally {
    endsInTime();
    context.progress.close();
    context.barrier.close();
  }
}

const scenarioSource: ScenarioSource = (file) => loadScenario(file, new URL('../', import.meta.url), checkScenarioShape);

async function openContext(real: Platform, environment: NodeJS.ProcessEnv, lifeline: Lifeline): Promise<RankContext> {
  const world = worldFromEnvironment(environment);
  const run = runDirectory(environment[RUN_DIRECTORY_VARIABLE] ?? '');
  const plan: RunPlan = JSON.parse(real.disk.readText(run.plan));
  const platform = pliablePlatform(withFreshView(real, plan.outputDir), plan.faults, world.rank);
  const startWatcher = watcherIn(fileURLToPath(new URL('heartbeat.cjs', import.meta.url)));
  const heart = openHeart({ ...real, path: run.heartbeat(world.rank), startWatcher });
  receiveVisits({ ...real, directory: run.visits(world.rank) });
  const journal = openJournal(platform, run.journal(world.rank));
  const { pid, host, clock } = platform;
  const { rank, worldSize } = world;
  const bootMs = clock.monotonicMs();
  journal.append({ type: 'rank:started', rank, worldSize, pid, host, node: process.version, bootMs });
  const timeoutMs = DEFAULT_BARRIER_TIMEOUT_MS;
  const barrier =
    worldSize === 1
      ? openSoloBarrier(journal)
      : openFileBarrier({
          ...{ platform, directory: run.barriers, rank, worldSize, journal, timeoutMs },
          ...{ hardTimeoutMs: plan.hardTimeoutMs, progress: openRankProgress(platform.disk, run, host) },
        });
  const doing = openDoing(clock);
  tellInspector(doing);
  const draws = world.rank === 0 && plan.output.progress;
  const progress = draws ? terminalProgress(platform.clock, notices) : noProgress;
  const logger = world.rank === 0 ? await openLogger(plan.output, platform.clock, results, notices) : { log: () => undefined };
  const voices = { journal, logger, results, notices, progress };
  return { world, plan, platform, sabotage: nodeSabotage(environment), doing, lifeline, heart, run, barrier, ...voices };
}

/** What a debugger evaluates in a rank to learn what it is doing; docs/protocol.md names it. */
const tellInspector = (doing: Doing): void => {
  Object.defineProperty(globalThis, Symbol.for('ckpt-run.doing'), { value: answering(doing) });
};

const results = openResults(descriptorOutput(1));
const notices = openNotices(descriptorOutput(2));
onStreamError(process, 'stdout', results.lose);
onStreamError(process, 'stderr', () => undefined);

const platform = nodePlatform();
main(platform, process.env).then(platform.exit, (thrown: unknown) => {
  notices.write(`${thrown instanceof CkptError || !(thrown instanceof Error) ? thrown : thrown.stack}\n`);
  platform.exit(EXIT_CODES.internal);
});

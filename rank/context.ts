import type { Barrier } from '../shared/contracts/barrier.ts';
import type { Journal } from '../shared/contracts/journal.ts';
import type { RunPlan } from '../shared/contracts/run-plan.ts';
import type { World } from '../shared/contracts/world.ts';
import type { Heart } from '../shared/platform/heartbeat/heart.ts';
import type { Lifeline } from '../shared/platform/lifeline.ts';
import type { Logger } from '../shared/platform/logger.ts';
import type { TextOutput } from '../shared/platform/output.ts';
import type { Platform } from '../shared/platform/platform.ts';
import type { RunDirectory } from '../shared/platform/run-directory.ts';
import type { Sabotage } from '../shared/platform/sabotage.ts';
import type { Results } from '../shared/platform/standard-streams.ts';
import type { Agreement } from './agreement.ts';
import type { Doing } from './doing.ts';
import type { FaultInjector } from './faults/fault-injector.ts';
import type { Progress } from './progress.ts';

/** Everything one rank works with; nothing else reaches outside. */
export interface RankContext {
  readonly world: World;
  readonly plan: RunPlan;
  readonly platform: Platform;
  readonly sabotage: Sabotage;
  readonly lifeline: Lifeline;
  readonly heart: Heart;
  readonly run: RunDirectory;
  readonly barrier: Barrier;
  readonly journal: Journal;
  /** Rank 0's voice; silent on every other rank. */
  readonly logger: Logger;
  /** Where the results of rank 0 go. */
  readonly results: Pick<Results, 'check'>;
  /** Standard error. */
  readonly notices: TextOutput;
  readonly progress: Progress;
  readonly doing: Doing;
}

/** The same while a scenario is trained, in which ranks meet as long as that scenario lets them wait. */
export interface TrainingContext extends RankContext {
  readonly agreement: Agreement;
  readonly faults: FaultInjector;
}

/** Rank 0 commits, deletes, verifies and logs. */
export const isPrimary = ({ world }: Pick<RankContext, 'world'>): boolean => world.rank === 0;

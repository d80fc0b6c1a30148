import type { JournalEvent } from './journal.ts';
import type { Scenario } from './scenario.ts';

/** One committed checkpoint, as the verifier found it. */
export interface CheckpointOnDisk {
  readonly step: number;
  /** What is wrong with it (another manifest, a file missing or changed); null when it is whole. */
  readonly problem: string | null;
}

// biome-ignore format: a list
/** What a scenario declared, without its functions. */
export type DeclaredScenario = Pick<
  Scenario,
  | 'name' | 'numSteps' | 'evalInterval' | 'saveInterval' | 'saveTotalLimit' | 'preserveNBest' | 'injectSpikeAtStep'
  | 'metricName' | 'mode' | 'hasOwnRetention' | 'expect' | 'hint'
>;

/** Everything an invariant may look at: the history and the disk, never the manager's memory. */
export interface Evidence {
  readonly scenario: DeclaredScenario;
  readonly worldSize: number;
  /** One journal a rank, in rank order, cut to this scenario, each in the order it was written. */
  readonly history: readonly (readonly JournalEvent[])[];
  /** Lines of each rank's journal that cannot be read, in rank order: with any of them, nothing is certain. */
  readonly unreadable: readonly number[];
  /** The scenario's directory at the end, by ascending step. */
  readonly disk: readonly CheckpointOnDisk[];
  /** Bytes that each rank but rank 0 printed while this scenario was loaded and trained, in rank order from rank 1. */
  readonly printedBytes: readonly number[];
}

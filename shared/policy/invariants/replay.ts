import type { CheckpointInfo } from '../../contracts/checkpoint.ts';
import type { DeclaredScenario, Evidence } from '../../contracts/evidence.ts';
import type { EntryOf, JournalEvent } from '../../contracts/journal.ts';
import { evaluatedMetrics, eventsOf, journalOf } from './journals.ts';
import { ascending, NOTHING, type Ranking, stepsOf, withCheckpoint } from './ranking.ts';

/** What was on disk right after one event of rank 0. */
export interface Instant {
  /** Undefined for the end, when the verifier looked at the disk itself. */
  readonly event: TurningPoint | undefined;
  /** The step of training at which the disk came to be so. */
  readonly step: number;
  /** Steps on disk, ascending; corrected by every real listing. */
  readonly onDisk: readonly number[];
  /** Steps that would be on disk if nothing but the recorded commits and deletions had happened, ascending. */
  readonly recorded: readonly number[];
  /** The true best and the true newest of everything committed so far, deleted or not. */
  readonly good: Ranking;
  /** True when the retention of the latest save is over: what is on disk now is meant to stay. */
  readonly settled: boolean;
}

/** The events that change or show what is on disk. */
export type TurningPoint = EntryOf<
  'save:started' | 'checkpoint:committed' | 'retention:decided' | 'checkpoint:deleted' | 'disk:listed'
>;

/** A run played again. */
export interface Replay {
  /** In order; the last is the end. */
  readonly instants: readonly Instant[];
  readonly end: Instant;
  /** Every checkpoint ever committed, by ascending step, with the metric of its evaluation. */
  readonly committed: readonly CheckpointInfo[];
}

/** Plays a run again, from rank 0's journal and, at the end, the disk. */
export function replay(evidence: Evidence): Replay {
  const { scenario, disk } = evidence;
  const journal = journalOf(evidence, 0);
  const metrics = evaluatedMetrics(journal);
  const states: State[] = [];
  for (const event of journal.filter(isTurningPoint)) states.push(follow(states.at(-1) ?? START, event, scenario, metrics));
  const end = { ...(states.at(-1) ?? START), event: undefined, onDisk: ascending(stepsOf(disk)), settled: true };
  const steps = ascending(stepsOf(eventsOf(journal, 'checkpoint:committed')));
  const committed = steps.map((step) => ({ step, metric: metrics.get(step) }));
  return { instants: [...states, end], end, committed };
}

/** The first step at which a checkpoint that was on disk no longer was; undefined if it never was, or still is. */
export function lostAtStep(instants: readonly Instant[], step: number): number | undefined {
  const lastSeen = instants.findLastIndex(({ onDisk }) => onDisk.includes(step));
  return lastSeen === -1 ? undefined : instants[lastSeen + 1]?.step;
}

/** An instant, and the deletions that its retention still owes; undefined until retention has decided. */
interface State extends Instant {
  readonly owed: readonly number[] | undefined;
}

const START: State = { event: undefined, step: 0, onDisk: [], recorded: [], good: NOTHING, settled: true, owed: undefined };

const isTurningPoint = (event: JournalEvent): event is JournalEvent & TurningPoint =>
  event.type === 'save:started' ||
  event.type === 'checkpoint:committed' ||
  event.type === 'retention:decided' ||
  event.type === 'checkpoint:deleted' ||
  event.type === 'disk:listed';

function follow(
  before: State,
  event: TurningPoint,
  scenario: DeclaredScenario,
  metrics: ReadonlyMap<number, number | undefined>,
): State {
  const next = { ...before, event };
  switch (event.type) {
    case 'save:started':
      return { ...next, settled: true, owed: undefined };
    case 'checkpoint:committed':
      return committed(next, { step: event.step, metric: metrics.get(event.step) }, scenario);
    case 'retention:decided':
      return owing(next, event.step, event.delete);
    case 'checkpoint:deleted':
      return deleted(next, event.step, event.atStep);
    case 'disk:listed':
      return { ...next, step: event.step, onDisk: ascending(event.checkpoints), settled: isOver(before.owed) };
  }
}

const committed = (state: State, checkpoint: CheckpointInfo, scenario: DeclaredScenario): State => ({
  ...state,
  step: checkpoint.step,
  onDisk: ascending([...state.onDisk, checkpoint.step]),
  recorded: ascending([...state.recorded, checkpoint.step]),
  good: withCheckpoint(state.good, checkpoint, scenario),
  settled: false,
  owed: undefined,
});

const deleted = (state: State, step: number, atStep: number): State => ({
  ...owing(
    state,
    atStep,
    state.owed?.filter((other) => other !== step),
  ),
  onDisk: state.onDisk.filter((other) => other !== step),
  recorded: state.recorded.filter((other) => other !== step),
});

const owing = (state: State, step: number, owed: readonly number[] | undefined): State => ({
  ...state,
  step,
  owed,
  settled: isOver(owed),
});

const isOver = (owed: readonly number[] | undefined): boolean => owed?.length === 0;

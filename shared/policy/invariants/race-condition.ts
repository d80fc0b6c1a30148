import type { DeclaredScenario, Evidence } from '../../contracts/evidence.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import { findingOf, names, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { byStep, evaluatedMetrics, eventsOf, journalOf, journalsOf, type RankJournal } from './journals.ts';
import { areSame, stepsOf, without } from './ranking.ts';
import type { Instant } from './replay.ts';

const bestUpdatedBeforeSave: Invariant = {
  name: 'best-updated-before-save',
  group: 'Race Condition Fix',
  covers: 'Best checkpoint list updated BEFORE save',
  claim: 'On every rank the best list knows a checkpoint before that checkpoint is saved.',
  hint: 'Ensure update_best_checkpoints() is called BEFORE save_checkpoint().',
  check: (evidence) => {
    const saves = eventsOf(journalOf(evidence, 0), 'save:started').length;
    const violations = journalsOf(evidence).flatMap((journal, rank) => lateUpdates(evidence, journal, rank));
    return [findingOf('best-updated-before-save', `Best checkpoint list updated before each of ${saves} saves`, violations)];
  },
};

function lateUpdates({ scenario }: Evidence, journal: RankJournal, rank: number): readonly Violation[] {
  const metrics = evaluatedMetrics(journal);
  const updates = firstUpdates(journal);
  return journal.flatMap((event, position): Violation[] => {
    // With nothing to preserve there is no list to update.
    if (event.type !== 'save:started' || scenario.preserveNBest === 0 || !Number.isFinite(metrics.get(event.step))) return [];
    const update = updates.get(event.step);
    if (update !== undefined && update < position) return [];
    const found = update === undefined ? 'not updated' : 'updated after the save had started';
    const message = 'Best checkpoint list not updated before the save';
    return [{ step: event.step, rank, message, expected: 'update_best_checkpoints() before save_checkpoint()', found }];
  });
}

/** The position in the journal at which the best list was first updated for each step. */
const firstUpdates = (journal: RankJournal): ReadonlyMap<number, number> =>
  new Map(
    journal
      .flatMap((event, position) => (event.type === 'best:updated' ? [[event.step, position] as const] : []))
      // Of equal keys a Map keeps the last.
      .reverse(),
  );

const preservedListAccurate: Invariant = {
  name: 'preserved-list-accurate',
  group: 'Race Condition Fix',
  covers: 'Preserved list accurate during deletion',
  claim: 'Each retention preserves the true best, and decides on every checkpoint on disk exactly once.',
  hint: 'Decide from the checkpoints that are on disk and from a best list that already knows the newest one.',
  check: (account) => {
    const decided = account.instants.filter(({ event }) => event?.type === 'retention:decided');
    const violations = journalsOf(account).flatMap((journal, rank) => {
      const decisions = byStep(eventsOf(journal, 'retention:decided'));
      return decided.flatMap((instant) => wrongDecisions(decisions.get(instant.step) ?? [], instant, rank));
    });
    return [findingOf('preserved-list-accurate', `Preserved list accurate in each of ${decided.length} retentions`, violations)];
  },
};

/** A rank's decision at the step of rank 0's, against what was on disk then. */
function wrongDecisions(
  decisions: readonly EntryOf<'retention:decided'>[],
  { step, onDisk, good }: Instant,
  rank: number,
): readonly Violation[] {
  const best = stepsOf(good.best);
  return decisions.flatMap((decision): Violation[] => {
    const found = `preserve ${names(decision.preserve)}; delete ${names(decision.delete)}`;
    const lost = without(best, decision.preserve);
    if (lost.length > 0) {
      return [{ step, rank, message: `Preserved list lacks ${names(lost)}`, expected: `${names(best)} preserved`, found }];
    }
    const decided = [...decision.preserve, ...decision.delete].sort((a, b) => a - b);
    if (areSame(decided, onDisk)) return [];
    const message = 'Retention did not decide on what is on disk';
    return [{ step, rank, message, expected: `${names(onDisk)}, each once`, found }];
  });
}

const noGoodDeleted: Invariant = {
  name: 'no-good-deleted',
  group: 'Race Condition Fix',
  covers: 'No good checkpoints deleted',
  claim: 'No deleted checkpoint was then among the true best or the newest; of its own retention, only the very newest counts.',
  hint: 'Delete only what is neither among the best preserve_n_best nor among the newest save_total_limit.',
  check: ({ scenario, instants }) => {
    const deletions = instants.filter(({ event }) => event?.type === 'checkpoint:deleted');
    const violations = deletions.flatMap((instant) => goodDeletion(scenario, instant));
    return [findingOf('no-good-deleted', `No good checkpoints deleted in ${deletions.length} deletions`, violations)];
  },
};

function goodDeletion({ hasOwnRetention }: DeclaredScenario, { event, step, good }: Instant): readonly Violation[] {
  if (event?.type !== 'checkpoint:deleted') return [];
  const best = stepsOf(good.best).indexOf(event.step);
  // Whatever a scenario's own retention is for, without the newest checkpoint the work since the one before is lost.
  const newest = (hasOwnRetention ? good.newest.slice(0, 1) : good.newest).indexOf(event.step);
  const worth = best === -1 ? `newest #${newest + 1}` : `best #${best + 1}`;
  if (best === -1 && newest === -1) return [];
  const message = `Good checkpoint deleted: ${names([event.step])}`;
  return [{ step, rank: 0, message, expected: `${names([event.step])} kept`, found: `deleted as ${worth}` }];
}

/** What must hold between the best list, the save and the deletions. */
export const RACE_CONDITION: readonly Invariant[] = [bestUpdatedBeforeSave, preservedListAccurate, noGoodDeleted];

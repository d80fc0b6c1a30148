import type { Evidence } from '../../contracts/evidence.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import { isJsonObject } from '../../contracts/json.ts';
import { findingOf, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { byStep, eventsOf, journalsOf } from './journals.ts';
import { jsonDifference } from './json-difference.ts';

/** What callbacks remember survives a restart. */
export const callbackStateRestored: Invariant = {
  name: 'callback-state-restored',
  group: 'Divergence Detection',
  covers: 'Stateful callback state preserved',
  claim: 'On every rank a fresh set of callbacks takes back from each checkpoint exactly the state that was saved.',
  hint: 'Return from stateDict() all that loadStateDict() needs, and give every callback a name of its own.',
  check: (evidence) => {
    const commits = journalsOf(evidence).flatMap((journal) => eventsOf(journal, 'checkpoint:committed'));
    const saves = [...new Set(commits.map(({ step }) => step))];
    const passed = isStateful(evidence)
      ? `Stateful callback state restored from each of ${saves.length} checkpoints`
      : 'No callback has state to restore';
    const violations = journalsOf(evidence).flatMap((journal, rank) => {
      const restorations = byStep(eventsOf(journal, 'callbacks:restored'));
      return saves.flatMap((step) => unrestored(restorations.get(step) ?? [], rank, step));
    });
    return [findingOf('callback-state-restored', passed, violations)];
  },
};

/** Whether any callback of any rank ever had a state to save. */
const isStateful = (evidence: Evidence): boolean =>
  journalsOf(evidence).some((journal) =>
    eventsOf(journal, 'callbacks:restored').some(({ saved }) => isJsonObject(saved) && Object.keys(saved).length > 0),
  );

function unrestored(restorations: readonly EntryOf<'callbacks:restored'>[], rank: number, step: number): readonly Violation[] {
  const message = 'Callback state not restored';
  if (restorations.length === 0) return [{ step, rank, message, expected: 'a restored state', found: 'none recorded' }];
  return restorations.flatMap(({ saved, restored }): Violation[] => {
    const difference = jsonDifference(saved, restored);
    if (difference === undefined) return [];
    const show = (value: unknown): string => `${difference.path.join('.')} = ${JSON.stringify(value) ?? 'absent'}`;
    return [{ step, rank, message, expected: show(difference.left), found: show(difference.right) }];
  });
}

import type { Invariant } from '../../contracts/invariant.ts';
import { findingOf, type Violation } from './finding.ts';
import { eventsOf, journalsOf, type RankJournal } from './journals.ts';
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
    const passed = `Stateful callback state restored from each of ${saves.length} checkpoints`;
    const violations = journalsOf(evidence).flatMap((journal, rank) => saves.flatMap((step) => unrestored(journal, rank, step)));
    return [findingOf('callback-state-restored', passed, violations)];
  },
};

function unrestored(journal: RankJournal, rank: number, step: number): readonly Violation[] {
  const restorations = eventsOf(journal, 'callbacks:restored').filter((event) => event.step === step);
  const message = 'Callback state not restored';
  if (restorations.length === 0) return [{ step, rank, message, expected: 'a restored state', found: 'none recorded' }];
  return restorations.flatMap(({ saved, restored }): Violation[] => {
    const difference = jsonDifference(saved, restored);
    if (difference === undefined) return [];
    const show = (value: unknown): string => `${difference.path.join('.')} = ${JSON.stringify(value) ?? 'absent'}`;
    return [{ step, rank, message, expected: show(difference.left), found: show(difference.right) }];
  });
}

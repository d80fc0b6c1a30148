import { checkpointName } from '../../contracts/checkpoint.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import { barriersInOrder } from './barrier-order.ts';
import { decisionsEqual } from './decisions-equal.ts';
import { findingOf, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { byStep, eventsOf, journalOf, journalsOf, type RankJournal, stepAt } from './journals.ts';

const onlyRank0Logs: Invariant = {
  name: 'only-rank-0-logs',
  group: 'DDP Coordination',
  covers: 'Only rank 0 logs',
  claim: 'No rank but rank 0 writes a log line or prints anything.',
  hint: 'Log only where state.isWorldProcessZero is true.',
  check: (evidence) => {
    const logged = journalsOf(evidence).flatMap((journal, rank) => (rank === 0 ? [] : logLines(journal, rank)));
    const printed = evidence.printedBytes.flatMap((bytes, index): Violation[] =>
      bytes === 0 ? [] : [talk(index + 1, undefined, `${bytes} bytes on its standard output and error`)],
    );
    return [findingOf('only-rank-0-logs', 'Only rank 0 logs', [...logged, ...printed])];
  },
};

const logLines = (journal: RankJournal, rank: number): readonly Violation[] =>
  journal.flatMap((event, position) =>
    event.type === 'log:written' ? [talk(rank, stepAt(journal, position), `${event.lines} log lines`)] : [],
  );

const talk = (rank: number, step: number | undefined, found: string): Violation => ({
  step,
  rank,
  message: 'A rank other than rank 0 logs',
  expected: 'nothing from any rank but rank 0',
  found,
});

const checkpointsVisible: Invariant = {
  name: 'checkpoints-visible',
  group: 'DDP Coordination',
  covers: 'Checkpoints visible to all ranks',
  claim: 'Every rank sees each committed checkpoint whole and with the manifest that rank 0 committed.',
  hint: 'Put the output directory on a file system that all ranks share, and wait for the commit before reading.',
  check: (evidence) => {
    const commits = eventsOf(journalOf(evidence, 0), 'checkpoint:committed');
    const violations = journalsOf(evidence).flatMap((journal, rank) => {
      const sights = byStep(eventsOf(journal, 'checkpoint:seen'));
      return commits.flatMap((commit) => unseen(sights.get(commit.step) ?? [], rank, commit));
    });
    return [findingOf('checkpoints-visible', `All ${commits.length} checkpoints visible to all ranks`, violations)];
  },
};

function unseen(
  sights: readonly EntryOf<'checkpoint:seen'>[],
  rank: number,
  commit: EntryOf<'checkpoint:committed'>,
): readonly Violation[] {
  const problems = sights.map(
    ({ problem, manifestSha256 }) => problem ?? (manifestSha256 === commit.manifestSha256 ? null : 'another manifest'),
  );
  const found = sights.length === 0 ? 'never looked at' : problems.find((problem) => problem !== null);
  if (found === undefined) return [];
  const name = checkpointName(commit.step);
  const message = `Checkpoint not visible to all ranks: ${name}`;
  return [{ step: commit.step, rank, message, expected: `${name} whole, as committed`, found }];
}

/** What must hold between the ranks. */
export const DDP_COORDINATION: readonly Invariant[] = [onlyRank0Logs, barriersInOrder, checkpointsVisible, decisionsEqual];

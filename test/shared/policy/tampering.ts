import type { Evidence } from '../../../shared/contracts/evidence.ts';
import type { EntryOf, JournalEntry, JournalEvent } from '../../../shared/contracts/journal.ts';
import type { Finding } from '../../../shared/contracts/verdict.ts';
import { judge } from '../../../shared/policy/invariants/index.ts';

type EventOf<T extends JournalEntry['type']> = JournalEvent & EntryOf<T>;

/** Replaces one rank's journal. */
export const rewrite = (
  evidence: Evidence,
  rank: number,
  change: (journal: readonly JournalEvent[]) => JournalEvent[],
): Evidence => ({
  ...evidence,
  history: evidence.history.map((journal, index) => (index === rank ? change(journal) : journal)),
});

/** Replaces every event of one type in a rank's journal by what `change` makes of it: none, one or several. */
export const edit = <T extends JournalEntry['type']>(
  evidence: Evidence,
  rank: number,
  type: T,
  change: (event: EventOf<T>) => readonly JournalEvent[],
): Evidence => {
  const isOfType = (event: JournalEvent): event is EventOf<T> => event.type === type;
  return rewrite(evidence, rank, (journal) => journal.flatMap((event) => (isOfType(event) ? change(event) : [event])));
};

/** Takes a checkpoint out of the directory at the end, as if it had vanished. */
export const withoutOnDisk = (evidence: Evidence, step: number): Evidence => ({
  ...evidence,
  disk: evidence.disk.filter((checkpoint) => checkpoint.step !== step),
});

/** Changes what the scenario declared. */
export const declare = (evidence: Evidence, changes: Partial<Evidence['scenario']>): Evidence => ({
  ...evidence,
  scenario: { ...evidence.scenario, ...changes },
});

/** What one invariant finds when everything is judged. */
export const findingsFor = (evidence: Evidence, invariant: string): readonly Finding[] =>
  judge(evidence).findings.filter((finding) => finding.invariant === invariant);

/** Names of the invariants that fail, each once, in printing order. */
export const failing = (evidence: Evidence): readonly string[] => [
  ...new Set(judge(evidence).findings.flatMap(({ status, invariant }) => (status === 'passed' ? [] : [invariant]))),
];

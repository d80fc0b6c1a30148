import type { JournalEvent } from '../../shared/contracts/journal.ts';

/** What one rank's journal says of one scenario. */
export interface Chapter {
  readonly events: readonly JournalEvent[];
  /** Bytes that the rank printed from the end of the scenario before, or its own start, to the end of this one. */
  readonly printedBytes: number;
}

/** Cuts a scenario's chapter out of a journal; empty where the scenario did not start. */
export function chapterOf(journal: readonly JournalEvent[], scenario: string): Chapter {
  const start = journal.findIndex((event) => event.type === 'scenario:started' && event.scenario === scenario);
  const before = start < 0 ? journal : journal.slice(0, start);
  const rest = start < 0 ? [] : journal.slice(start + 1);
  const next = rest.findIndex((event) => event.type === 'scenario:started');
  const events = next < 0 ? rest : rest.slice(0, next);
  const printedBefore = printedBy(before) ?? 0;
  return { events, printedBytes: (printedBy(events) ?? printedBefore) - printedBefore };
}

/** What the rank had printed when it last measured. */
function printedBy(events: readonly JournalEvent[]): number | undefined {
  const measured = events.findLast((event) => event.type === 'output:measured');
  return measured?.type === 'output:measured' ? measured.bytes : undefined;
}

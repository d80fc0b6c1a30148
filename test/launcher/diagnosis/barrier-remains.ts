import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AbortedBarrier, Arrival } from '../../../shared/contracts/barrier.ts';
import type { JournalEvent } from '../../../shared/contracts/journal.ts';
import { barrierPaths } from '../../../shared/platform/barrier/barrier-paths.ts';
import type { RunDirectory } from '../../../shared/platform/run-directory.ts';

/** Writes a file as ranks do, into directories that may not be there yet. */
export function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Leaves arrivals and, if there is one, the decision of a barrier. */
export function leaveBarrier({ barriers }: RunDirectory, arrivals: readonly Arrival[], decision?: AbortedBarrier): void {
  const paths = barrierPaths(barriers);
  for (const arrival of arrivals) put(paths.arrival(arrival.sequence, arrival.rank), JSON.stringify(arrival));
  if (decision !== undefined) put(paths.decision(decision.sequence), JSON.stringify(decision));
}

/** Leaves a journal. */
export const leaveJournal = (run: RunDirectory, rank: number, events: readonly JournalEvent[]): void =>
  put(run.journal(rank), events.map((event) => `${JSON.stringify(event)}\n`).join(''));

import type { Evidence } from '../../shared/contracts/evidence.ts';
import type { JournalEvent } from '../../shared/contracts/journal.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import type { Verdict } from '../../shared/contracts/verdict.ts';
import { readJournal } from '../../shared/platform/journal-file.ts';
import { judge } from '../../shared/policy/invariants/index.ts';
import { examineAll } from '../checkpoint/checkpoint-reader.ts';
import type { RankContext } from '../context.ts';
import { chapterOf } from './chapter.ts';

/** Rank 0's judgement of a scenario that has ended: from the journals of all ranks and the disk, and nothing else. */
export const verify = (context: VerifierContext, scenario: Scenario, directory: string): Verdict =>
  judge(gatherEvidence(context, scenario, directory));

type VerifierContext = Pick<RankContext, 'world' | 'platform' | 'run'>;

/** Reads everything that is known about a scenario that has ended. */
export function gatherEvidence({ world, platform, run }: VerifierContext, scenario: Scenario, directory: string): Evidence {
  const journals = Array.from({ length: world.worldSize }, (_, rank) => readJournal(platform.disk, run.journal(rank)));
  const chapters = journals.map(({ events }) => chapterOf(events, scenario.name));
  const history = chapters.map(({ events }) => events);
  return {
    scenario,
    worldSize: world.worldSize,
    history,
    unreadable: journals.map(({ unreadable }) => unreadable),
    disk: examineAll(platform.disk, directory, committedDigests(history[0] ?? [])),
    printedBytes: chapters.slice(1).map(({ printedBytes }) => printedBytes),
  };
}

/** The manifest's SHA-256 of each committed step. */
const committedDigests = (journal: readonly JournalEvent[]): ReadonlyMap<number, string> =>
  new Map(
    journal.flatMap((event) => (event.type === 'checkpoint:committed' ? [[event.step, event.manifestSha256] as const] : [])),
  );

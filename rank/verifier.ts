import type { Evidence } from '../shared/contracts/evidence.ts';
import type { JournalEvent } from '../shared/contracts/journal.ts';
import type { Scenario } from '../shared/contracts/scenario.ts';
import type { Verdict } from '../shared/contracts/verdict.ts';
import { readJournal } from '../shared/platform/journal-file.ts';
import { judge } from '../shared/policy/invariants/index.ts';
import { examineAll } from './checkpoint-reader.ts';
import type { RankContext } from './context.ts';

/** Rank 0's judgement of a scenario that has ended: from the journals of all ranks and the disk, and nothing else. */
export function verify(context: RankContext, scenario: Scenario, directory: string, printedBefore: readonly number[]): Verdict {
  const { world, platform } = context;
  const history = allRanks(context).map((rank) => scenarioEvents(context, rank, scenario.name));
  const evidence: Evidence = {
    scenario,
    worldSize: world.worldSize,
    history,
    disk: examineAll(platform.disk, directory, committedDigests(history[0] ?? [])),
    printedBytes: printedByOthers(context).map((bytes, index) => bytes - (printedBefore[index] ?? 0)),
  };
  return judge(evidence);
}

/** The manifest's SHA-256 of each committed step. */
const committedDigests = (journal: readonly JournalEvent[]): ReadonlyMap<number, string> =>
  new Map(
    journal.flatMap((event) => (event.type === 'checkpoint:committed' ? [[event.step, event.manifestSha256] as const] : [])),
  );

/** Bytes that each rank but rank 0 has printed so far, in rank order from rank 1. */
export const printedByOthers = ({ world, run, platform: { disk } }: RankContext): readonly number[] =>
  allRanks({ world })
    .slice(1)
    .map((rank) => disk.sizeOf(`${run.logs(rank)}/stdout.log`) + disk.sizeOf(`${run.logs(rank)}/stderr.log`));

const allRanks = ({ world }: Pick<RankContext, 'world'>): readonly number[] =>
  Array.from({ length: world.worldSize }, (_, rank) => rank);

function scenarioEvents({ platform, run }: RankContext, rank: number, scenario: string): readonly JournalEvent[] {
  const { events } = readJournal(platform.disk, run.journal(rank));
  const first = events.findIndex((event) => event.type === 'scenario:started' && event.scenario === scenario);
  const rest = first < 0 ? [] : events.slice(first + 1);
  const next = rest.findIndex((event) => event.type === 'scenario:started');
  return next < 0 ? rest : rest.slice(0, next);
}

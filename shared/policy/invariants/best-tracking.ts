import { type BestEntry, checkpointName } from '../../contracts/checkpoint.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import type { Account } from './account.ts';
import { findingOf, names, namesWithMetric, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { eventsOf, journalOf, journalsOf, type RankJournal } from './journals.ts';
import { NOTHING, stepsOf, withCheckpoint } from './ranking.ts';
import { lostAtStep } from './replay.ts';

const bestCount: Invariant = {
  name: 'best-count',
  group: 'Checkpoint Preservation',
  covers: 'Best N checkpoints tracked correctly',
  claim: 'The best list never holds more than preserve_n_best checkpoints.',
  hint: 'Verify preserve_n_best slicing happens in update_best_checkpoints().',
  check: (evidence) => {
    const limit = evidence.scenario.preserveNBest;
    const lists = journalsOf(evidence).flatMap((journal) => eventsOf(journal, 'best:updated').map(({ best }) => best.length));
    const message = countMessage(Math.max(0, ...lists), limit);
    const violations = journalsOf(evidence).flatMap((journal, rank) =>
      tooLong(journal, limit).map(({ step, best }) => {
        const found = `${best.length}: ${names(stepsOf(best))}`;
        return { step, rank, message, expected: `at most ${limit}`, found };
      }),
    );
    return [findingOf('best-count', countMessage(finalBest(journalOf(evidence, 0)).length, limit), violations)];
  },
};

const tooLong = (journal: RankJournal, limit: number): readonly EntryOf<'best:updated'>[] =>
  eventsOf(journal, 'best:updated').filter(({ best }) => best.length > limit);

const countMessage = (count: number, limit: number): string => `Best checkpoints count: ${count} <= preserve_n_best=${limit}`;

const bestTracked: Invariant = {
  name: 'best-tracked',
  group: 'Checkpoint Preservation',
  covers: 'Best N checkpoints tracked correctly',
  claim: 'After each update, and at the end, the best list is the true best of everything saved, best first.',
  hint: 'Sort all checkpoints that have a finite metric, best first, and let the earlier of equals win.',
  check: (account) => {
    const best = names(stepsOf(finalBest(journalOf(account, 0))));
    const trueBest = trueBestOf(account);
    const violations = journalsOf(account).flatMap((journal, rank) =>
      wrongLists(account, trueBest, journal).map((wrong) => ({ ...wrong, rank })),
    );
    return [findingOf('best-tracked', `Best checkpoints tracked correctly: ${best}`, violations)];
  },
};

/** The true best of everything committed up to each committed step. */
function trueBestOf({ committed, scenario }: Account): ReadonlyMap<number, readonly BestEntry[]> {
  const best = new Map<number, readonly BestEntry[]>();
  let ranking = NOTHING;
  for (const checkpoint of committed) {
    ranking = withCheckpoint(ranking, checkpoint, scenario);
    best.set(checkpoint.step, ranking.best);
  }
  return best;
}

type WrongList = Omit<Violation, 'rank'>;

function wrongLists(
  { committed }: Account,
  trueBest: ReadonlyMap<number, readonly BestEntry[]>,
  journal: RankJournal,
): readonly WrongList[] {
  const updates = eventsOf(journal, 'best:updated').map(({ step, best }) => ({ step, best }));
  const atEnd = { step: committed.at(-1)?.step ?? 0, best: finalBest(journal) };
  return [...updates, atEnd].flatMap(({ step, best }): WrongList[] => {
    const known = trueBest.has(step) ? step : committed.findLast((checkpoint) => checkpoint.step < step)?.step;
    const expected = trueBest.get(known ?? 0) ?? [];
    if (isSame(best, expected)) return [];
    const message = 'Best checkpoints tracked wrongly';
    return [{ step, message, expected: namesWithMetric(expected), found: namesWithMetric(best) }];
  });
}

const isSame = (a: readonly BestEntry[], b: readonly BestEntry[]): boolean =>
  a.length === b.length && a.every(({ step, metric }, index) => step === b[index]?.step && metric === b[index]?.metric);

const bestExists: Invariant = {
  name: 'best-exists',
  group: 'Checkpoint Preservation',
  covers: 'Best checkpoints never deleted',
  claim: 'Every checkpoint of the best list is on disk at the end, and whole.',
  hint: 'Ensure update_best_checkpoints() is called BEFORE save_checkpoint().',
  check: (evidence) => {
    const steps = stepsOf(finalBest(journalOf(evidence, 0))).toSorted((a, b) => a - b);
    if (steps.length === 0) return [findingOf('best-exists', 'No best checkpoint is tracked, none has to exist', [])];
    const passed = (step: number): string => `Best checkpoint exists: ${checkpointName(step)}`;
    return steps.map((step) => findingOf('best-exists', passed(step), absence(evidence, step)));
  },
};

function absence({ disk, instants, end }: Account, step: number): readonly Violation[] {
  const name = checkpointName(step);
  const expected = `${name} on disk and whole`;
  const problem = disk.find((checkpoint) => checkpoint.step === step)?.problem;
  if (problem === null) return [];
  if (problem !== undefined) return [{ step, rank: 0, message: `Best checkpoint damaged: ${name}`, expected, found: problem }];
  const lostAt = lostAtStep(instants, step);
  const how = end.recorded.includes(step) ? 'gone without a recorded deletion' : 'deleted';
  const found = lostAt === undefined ? 'never saved' : `${how} at step ${lostAt}`;
  return [{ step: lostAt ?? step, rank: 0, message: `Best checkpoint missing: ${name}`, expected, found }];
}

/** The best list as a rank last had it. */
export const finalBest = (journal: RankJournal): readonly BestEntry[] => eventsOf(journal, 'best:updated').at(-1)?.best ?? [];

/** What must hold of the best list itself. */
export const BEST_TRACKING: readonly Invariant[] = [bestCount, bestTracked, bestExists];

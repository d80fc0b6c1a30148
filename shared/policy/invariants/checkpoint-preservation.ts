import type { Account } from './account.ts';
import { findingOf, names, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { areSame, ascending, stepsOf, without } from './ranking.ts';
import type { Instant } from './replay.ts';

const bestPreserved: Invariant = {
  name: 'best-preserved',
  group: 'Checkpoint Preservation',
  covers: 'Best checkpoints never deleted',
  claim: 'At every instant the true best checkpoints of everything saved are on disk, and only recorded deletions remove any.',
  hint: 'Give retention the best list that already knows the newest checkpoint, and delete nothing else.',
  check: (account) => {
    const { instants, end } = account;
    const violations = instants.flatMap((instant) => [...lostBest(instant), ...unaccounted(instant)]);
    return [findingOf('best-preserved', `Best checkpoints never deleted: ${names(stepsOf(end.good.best))}`, violations)];
  },
};

function lostBest({ step, onDisk, good }: Instant): readonly Violation[] {
  const best = stepsOf(good.best);
  const lost = without(best, onDisk);
  if (lost.length === 0) return [];
  const message = `Best checkpoint lost: ${names(lost)}`;
  return [{ step, rank: 0, message, expected: `${names(best)} on disk`, found: names(onDisk) }];
}

function unaccounted({ step, onDisk, recorded }: Instant): readonly Violation[] {
  if (areSame(onDisk, recorded)) return [];
  const message = 'The disk is not what the recorded saves and deletions make it';
  return [{ step, rank: 0, message, expected: names(recorded), found: names(onDisk) }];
}

const totalLimit: Invariant = {
  name: 'total-limit',
  group: 'Checkpoint Preservation',
  covers: 'Total checkpoints ≤ save_total_limit + preserve_n_best',
  claim: 'After each retention at most save_total_limit + preserve_n_best checkpoints are on disk.',
  hint: 'Delete every checkpoint that is neither among the newest nor among the best after each save.',
  check: (account) => {
    const { saveTotalLimit, preserveNBest } = account.scenario;
    const total = account.disk.length;
    if (saveTotalLimit === 'none') return [findingOf('total-limit', `Total checkpoints: ${total}, no limit`, [])];
    const limit = saveTotalLimit + preserveNBest;
    const violations = settled(account).flatMap(({ step, onDisk }): Violation[] => {
      const message = `Total checkpoints: ${onDisk.length} <= ${limit}`;
      return onDisk.length <= limit ? [] : [{ step, rank: 0, message, expected: `at most ${limit}`, found: names(onDisk) }];
    });
    return [findingOf('total-limit', `Total checkpoints: ${total} <= ${limit}`, violations)];
  },
};

const diskExpected: Invariant = {
  name: 'disk-expected',
  group: 'Checkpoint Preservation',
  covers: 'save_total_limit respected',
  claim: 'After each retention the disk holds exactly what the limits, the scenario or its own retention say.',
  hint: 'Keep the newest save_total_limit checkpoints and the best preserve_n_best, and no other.',
  check: (account) => {
    const violations = expectedSets(account).flatMap(({ instant: { step, onDisk }, expected }): Violation[] => {
      if (areSame(onDisk, expected)) return [];
      const message = 'Disk does not hold exactly the expected checkpoints';
      return [{ step, rank: 0, message, expected: names(expected), found: names(onDisk) }];
    });
    const onDisk = names(account.end.onDisk);
    return [findingOf('disk-expected', `Disk holds exactly the expected checkpoints: ${onDisk}`, violations)];
  },
};

interface ExpectedSet {
  readonly instant: Instant;
  /** Steps, ascending. */
  readonly expected: readonly number[];
}

function expectedSets(account: Account): readonly ExpectedSet[] {
  const { scenario } = account;
  const instants = settled(account);
  const declared = scenario.expect.onDisk;
  if (declared !== undefined) return instants.slice(-1).map((instant) => ({ instant, expected: ascending(declared) }));
  if (scenario.hasOwnRetention) return ownDecisions(account);
  return instants.map((instant) => ({ instant, expected: underLimits(instant) }));
}

const underLimits = ({ good }: Instant): readonly number[] => ascending([...good.newest, ...stepsOf(good.best)]);

/** What the scenario's own retention last preserved, and what was saved since. */
function ownDecisions({ instants }: Account): readonly ExpectedSet[] {
  let expected: readonly number[] = [];
  return instants.flatMap((instant) => {
    const { event } = instant;
    if (event?.type === 'checkpoint:committed') expected = ascending([...expected, event.step]);
    if (event?.type === 'retention:decided') expected = ascending(event.preserve);
    return instant.settled ? [{ instant, expected }] : [];
  });
}

const settled = ({ instants }: Account): readonly Instant[] => instants.filter((instant) => instant.settled);

/** What must hold of the checkpoints on disk. */
export const CHECKPOINT_PRESERVATION: readonly Invariant[] = [bestPreserved, totalLimit, diskExpected];

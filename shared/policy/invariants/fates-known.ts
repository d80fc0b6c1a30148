import { checkpointName } from '../../contracts/checkpoint.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import type { Finding } from '../../contracts/verdict.ts';
import type { Account } from './account.ts';
import { fatesOf } from './fates.ts';
import { findingOf, names, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { eventsOf, journalOf } from './journals.ts';
import { stepsOf, without } from './ranking.ts';
import { lostAtStep } from './replay.ts';

/** The summary accounts for every checkpoint. */
export const fatesKnown: Invariant = {
  name: 'fates-known',
  group: 'Metrics Tracking',
  covers: 'Summary printed at end',
  claim: 'Every checkpoint that was due was saved, is whole on disk or was deleted on record, and nothing else is on disk.',
  hint: 'Save at every save_interval, record each deletion, and let nothing else touch the output directory.',
  check: (account) => {
    const end = eventsOf(journalOf(account, 0), 'training:ended').at(-1);
    if (end === undefined) return [UNDECIDED];
    const fates = fatesOf(account);
    const onDisk = fates.filter(({ fate }) => fate.kind === 'kept').length;
    const passed = `Fate of all ${fates.length} checkpoints known: ${onDisk} on disk, ${fates.length - onDisk} deleted`;
    return [findingOf('fates-known', passed, [...notSaved(account, end), ...vanished(account), ...strange(account)])];
  },
};

const UNDECIDED: Finding = {
  invariant: 'fates-known',
  status: 'unknown',
  message: 'Fates unknown: the journal of rank 0 does not say where training ended',
};

/** Saves that were due by the end of training and did not happen. */
function notSaved({ scenario, committed }: Account, end: EntryOf<'training:ended'>): readonly Violation[] {
  const saved = stepsOf(committed);
  const found = names(saved);
  const lastDue = end.reason === 'aborted' ? end.step - 1 : end.step;
  const count = Math.floor(lastDue / scenario.saveInterval);
  const due = Array.from({ length: count }, (_, index) => (index + 1) * scenario.saveInterval);
  return without(due, saved).map((step) => ({
    step,
    rank: 0,
    message: `Checkpoint was due and not saved: ${checkpointName(step)}`,
    expected: `a save every ${scenario.saveInterval} steps up to step ${lastDue}`,
    found,
  }));
}

/** Saved, never deleted on record, and no longer there. */
function vanished({ instants, end, disk }: Account): readonly Violation[] {
  return without(end.recorded, stepsOf(disk)).map((step) => ({
    step: lostAtStep(instants, step) ?? step,
    rank: 0,
    message: `Fate unknown: ${checkpointName(step)}`,
    expected: 'on disk, or deleted on record',
    found: 'neither on disk nor deleted on record',
  }));
}

/** On disk without having been saved, after its deletion, or damaged. */
function strange({ disk, end }: Account): readonly Violation[] {
  const recorded = new Set(end.recorded);
  return disk.flatMap(({ step, problem }): Violation[] => {
    const found = recorded.has(step) ? problem : 'on disk, but not saved or already deleted';
    const message = `Unexpected on disk: ${checkpointName(step)}`;
    return found === null ? [] : [{ step, rank: 0, message, expected: 'only whole checkpoints that were saved', found }];
  });
}

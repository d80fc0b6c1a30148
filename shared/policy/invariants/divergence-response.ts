import type { Evidence } from '../../contracts/evidence.ts';
import type { EntryOf, JournalEvent } from '../../contracts/journal.ts';
import type { Account } from './account.ts';
import { callbackStateRestored } from './callback-state.ts';
import { firstDivergence } from './divergence-detection.ts';
import { findingOf, names, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { eventsOf, journalsOf, type RankJournal } from './journals.ts';
import { stepsOf, without } from './ranking.ts';
import type { Instant } from './replay.ts';

const stoppedInTime: Invariant = {
  name: 'stopped-in-time',
  group: 'Divergence Detection',
  covers: 'Training stops when divergence detected',
  claim:
    'After divergence or a stop nothing more is evaluated or saved, and the best checkpoints from before divergence stay on disk.',
  hint: 'Stop training in the callback that detects divergence, before retention can delete the best checkpoints.',
  check: (account) => {
    const divergedAt = firstDivergence(account);
    const stoppedAt = firstStop(account);
    const goingOn = journalsOf(account).flatMap((journal, rank) => [
      ...activityAfter('divergence', divergedAt, journal, rank),
      ...activityAfter('a decision to stop', stoppedAt, journal, rank),
      ...savesDespiteAbort(journal, rank),
    ]);
    return [findingOf('stopped-in-time', stopMessage(account, divergedAt), [...goingOn, ...lostBest(account, divergedAt)])];
  },
};

function stopMessage({ scenario }: Evidence, divergedAt: number | undefined): string {
  if (divergedAt !== undefined) return `Training stopped at step ${divergedAt}, when divergence was detected`;
  return scenario.expect.divergence
    ? 'Training did not stop, and no good checkpoint was lost'
    : 'Training had no divergence to stop for';
}

/** The first step at which any rank decided to stop, before a save or after it; undefined when none did. */
function firstStop({ history }: Account): number | undefined {
  const steps = history.flat().flatMap((event) => (isStop(event) ? [event.step] : []));
  return steps.length === 0 ? undefined : steps.reduce((first, step) => Math.min(first, step));
}

const isStop = (event: JournalEvent): event is JournalEvent & EntryOf<'step:decided' | 'save:decided'> =>
  (event.type === 'step:decided' || event.type === 'save:decided') && (event.stop || event.abort);

function activityAfter(what: string, at: number | undefined, journal: RankJournal, rank: number): readonly Violation[] {
  if (at === undefined) return [];
  const message = `Training went on after ${what} at step ${at}`;
  const expected = `nothing after step ${at}`;
  return journal.flatMap(activityIn).flatMap(({ step, found }) => (step > at ? [{ step, rank, message, expected, found }] : []));
}

function activityIn(event: JournalEvent): readonly { readonly step: number; readonly found: string }[] {
  if (event.type === 'evaluation:finished') return [{ step: event.step, found: 'an evaluation' }];
  if (event.type === 'save:started') return [{ step: event.step, found: 'a save' }];
  if (event.type === 'training:ended') return [{ step: event.step, found: 'training up to there' }];
  return [];
}

function savesDespiteAbort(journal: RankJournal, rank: number): readonly Violation[] {
  const abortedAt = eventsOf(journal, 'step:decided').find(({ abort }) => abort)?.step ?? Number.POSITIVE_INFINITY;
  const message = `Training saved although it was aborted at step ${abortedAt}`;
  return eventsOf(journal, 'save:started')
    .filter(({ step }) => step >= abortedAt)
    .map(({ step }) => ({ step, rank, message, expected: `no save from step ${abortedAt} on`, found: 'a save' }));
}

function lostBest(account: Account, divergedAt: number | undefined): readonly Violation[] {
  const watched = divergedAt === undefined ? unnoticed(account) : since(account.instants, divergedAt);
  return watched.flatMap(({ step, onDisk, good }): Violation[] => {
    const best = stepsOf(good.best);
    const lost = without(best, onDisk);
    const message = `Good checkpoint lost to divergence: ${names(lost)}`;
    return lost.length === 0 ? [] : [{ step, rank: 0, message, expected: `${names(best)} on disk`, found: names(onDisk) }];
  });
}

/** Divergence that was expected and not noticed is harmless only if no good checkpoint went. */
const unnoticed = ({ scenario, instants }: Account): readonly Instant[] => (scenario.expect.divergence ? instants : []);

/** The instants from a step on, with the one that stood when it began. */
const since = (instants: readonly Instant[], step: number): readonly Instant[] =>
  instants.filter((instant, index) => instant.step >= step || (instants[index + 1]?.step ?? step) >= step);

/** What must hold of training once divergence is detected, and of what its callbacks remember. */
export const DIVERGENCE_RESPONSE: readonly Invariant[] = [stoppedInTime, callbackStateRestored];

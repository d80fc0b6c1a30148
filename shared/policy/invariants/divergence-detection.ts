import type { Evidence } from '../../contracts/evidence.ts';
import type { EntryOf } from '../../contracts/journal.ts';
import { findingOf, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { allRanks, eventsOf, journalOf, journalsOf, type RankJournal } from './journals.ts';

const detectorReceivesEvaluations: Invariant = {
  name: 'detector-receives-evaluations',
  group: 'Divergence Detection',
  covers: 'Detector receives eval metrics',
  claim: 'Every callback that detects divergence is given every evaluation that has a metric, on every rank.',
  hint: 'Verify on_evaluate() is implemented.',
  check: (evidence) => {
    const sets = journalsOf(evidence).flatMap((journal) => eventsOf(journal, 'callbacks:made'));
    const detectors = [...new Set(sets.flatMap((set) => set.detectors))];
    const isUsed = evidence.scenario.expect.divergence || detectors.length > 0;
    const evaluations = measured(journalOf(evidence, 0)).length;
    const passed = isUsed
      ? `Detector received all ${evaluations} evaluations`
      : 'No detector is used, none had to receive evaluations';
    const violations = journalsOf(evidence).flatMap((journal, rank) => (isUsed ? unheard(journal, rank, detectors) : []));
    return [findingOf('detector-receives-evaluations', passed, violations)];
  },
};

function unheard(journal: RankJournal, rank: number, detectors: readonly string[]): readonly Violation[] {
  const hearings = hearingsIn(journal);
  return measured(journal).flatMap(({ step }): Violation[] => {
    const heardBy = hearings.get(step);
    const missing = detectors.filter((detector) => heardBy?.has(detector) !== true);
    if (missing.length === 0 && detectors.length > 0) return [];
    const found = detectors.length === 0 ? 'given to no detector' : `not given to ${missing.join(', ')}`;
    const message = 'Detector did not receive an evaluation';
    return [{ step, rank, message, expected: 'every evaluation given to every detector', found }];
  });
}

/** The evaluations that gave a metric: of the others there is nothing to hear. */
const measured = (journal: RankJournal): readonly EntryOf<'evaluation:finished'>[] =>
  eventsOf(journal, 'evaluation:finished').filter(({ metric }) => metric !== null);

/** The detectors that were given the evaluation of each step once it had finished. */
function hearingsIn(journal: RankJournal): ReadonlyMap<number, ReadonlySet<string>> {
  const hearings = new Map<number, Set<string>>();
  for (const event of journal) {
    if (event.type === 'evaluation:finished') hearings.set(event.step, hearings.get(event.step) ?? new Set());
    if (event.type === 'detector:notified') hearings.get(event.step)?.add(event.callback);
  }
  return hearings;
}

const divergenceDetected: Invariant = {
  name: 'divergence-detected',
  group: 'Divergence Detection',
  covers: 'Detector triggers on loss spike',
  claim: 'Divergence is detected when it is expected, not before the spike, and never otherwise.',
  hint: 'Verify on_evaluate() is implemented; lower the threshold or increase the spike magnitude.',
  check: (evidence) => {
    const { injectSpikeAtStep: spike, expect } = evidence.scenario;
    const unexpected = spike === 'none' ? 'No divergence detected, none injected' : 'No divergence detected, none expected';
    const passed = expect.divergence ? 'Divergence detector triggered as expected' : unexpected;
    const violations = expect.divergence ? missed(evidence) : falseAlarms(evidence, Number.POSITIVE_INFINITY);
    return [findingOf('divergence-detected', passed, violations)];
  },
};

function missed(evidence: Evidence): readonly Violation[] {
  const spike = evidence.scenario.injectSpikeAtStep;
  if (firstDivergence(evidence) !== undefined) return falseAlarms(evidence, spike === 'none' ? 0 : spike);
  const evaluations = eventsOf(journalOf(evidence, 0), 'evaluation:finished');
  const expected = spike === 'none' ? 'divergence detected' : `divergence detected after the spike at step ${spike}`;
  const found = `no detection in ${evaluations.length} evaluations up to step ${evaluations.at(-1)?.step ?? 0}`;
  const message = 'Divergence detector did not trigger';
  return allRanks(evidence).map((rank) => ({ step: undefined, rank, message, expected, found }));
}

/** Detections at a step at which training had not diverged yet. */
function falseAlarms(evidence: Evidence, divergesAt: number): readonly Violation[] {
  const message = 'Divergence detector triggered, but no divergence was expected';
  const expected = divergesAt === Number.POSITIVE_INFINITY ? 'no detection' : `no detection before step ${divergesAt}`;
  return journalsOf(evidence).flatMap((journal, rank) =>
    eventsOf(journal, 'divergence:detected')
      .filter(({ step }) => step < divergesAt)
      .map(({ step, reason }) => ({ step, rank, message, expected, found: reason })),
  );
}

/** The first step at which any rank detected divergence; undefined when none did. */
export function firstDivergence(evidence: Evidence): number | undefined {
  const steps = evidence.history.flatMap((journal) => eventsOf(journal, 'divergence:detected').map(({ step }) => step));
  return steps.length === 0 ? undefined : Math.min(...steps);
}

/** What must hold of the detector. */
export const DIVERGENCE_DETECTION: readonly Invariant[] = [detectorReceivesEvaluations, divergenceDetected];

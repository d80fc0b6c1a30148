import { type BestEntry, checkpointName } from '../../contracts/checkpoint.ts';
import type { DeclaredScenario } from '../../contracts/evidence.ts';
import { decodeMetric, formatMetric, type MetricMode } from '../../contracts/metric.ts';
import { finalBest } from './best-tracking.ts';
import { fatesKnown } from './fates-known.ts';
import { findingOf, namesWithMetric, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
import { evaluatedMetrics, eventsOf, journalOf, journalsOf, type RankJournal } from './journals.ts';
import { isBefore } from './ranking.ts';

const metricsRecorded: Invariant = {
  name: 'metrics-recorded',
  group: 'Metrics Tracking',
  covers: 'Metrics shown with checkpoint list',
  claim: 'Each checkpoint carries the metric of the evaluation at its step, and none when there was no evaluation.',
  hint: 'Take the metric of the evaluation at the step that is saved; 0 is a metric, and an older one is not.',
  check: (evidence) => {
    const commits = eventsOf(journalOf(evidence, 0), 'checkpoint:committed');
    const metrics = evaluatedMetrics(journalOf(evidence, 0));
    const violations = commits.flatMap(({ step, metric }): Violation[] => {
      const [expected, found] = [metrics.get(step), decodeMetric(metric)];
      // NaN must have been recorded as NaN, and 0 may stand for -0.
      if ([expected].includes(found)) return [];
      const message = `Metric of ${checkpointName(step)} recorded wrongly`;
      return [{ step, rank: 0, message, expected: `${expected ?? 'none'}`, found: `${found ?? 'none'}` }];
    });
    return [findingOf('metrics-recorded', `Metrics recorded with all ${commits.length} checkpoints`, violations)];
  },
};

const bestSorted: Invariant = {
  name: 'best-sorted',
  group: 'Metrics Tracking',
  covers: 'Best checkpoints sorted by metric',
  claim: 'The best list is sorted after every update: best first, the earlier of equals first.',
  hint: 'Sort the best list by its metric in the direction of the mode, then by step.',
  check: (evidence) => {
    const metrics = finalBest(journalOf(evidence, 0)).map(({ metric }) => formatMetric(metric));
    const violations = journalsOf(evidence).flatMap((journal, rank) => unsortedLists(evidence.scenario, journal, rank));
    return [findingOf('best-sorted', `Best checkpoints sorted correctly: [${metrics.join(', ')}]`, violations)];
  },
};

function unsortedLists({ mode }: DeclaredScenario, journal: RankJournal, rank: number): readonly Violation[] {
  const expected = mode === 'min' ? 'smallest metric first' : 'largest metric first';
  return eventsOf(journal, 'best:updated')
    .filter(({ best }) => !isSorted(best, mode))
    .map(({ step, best }) => ({ step, rank, message: 'Best checkpoints not sorted', expected, found: namesWithMetric(best) }));
}

const isSorted = (best: readonly BestEntry[], mode: MetricMode): boolean =>
  best.slice(1).every((entry, index) => {
    const before = best[index];
    return before !== undefined && isBefore(before, entry, mode);
  });

/** What must hold of what is recorded and shown. */
export const METRICS_TRACKING: readonly Invariant[] = [metricsRecorded, bestSorted, fatesKnown];

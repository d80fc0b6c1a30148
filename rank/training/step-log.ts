import { formatMetric } from '../../shared/contracts/metric.ts';
import type { Scenario } from '../../shared/contracts/scenario.ts';
import { isPrimary, type RankContext } from '../context.ts';
import type { StepDecision } from './decision.ts';

/** What is done at a step. */
interface StepReport {
  readonly step: number;
  readonly evaluates: boolean;
  readonly metric: number | undefined;
  readonly willSave: boolean;
  readonly decision: StepDecision;
}

/** Rank 0 says what is done at a step; the others say nothing. */
export function logStep(context: RankContext, scenario: Scenario, report: StepReport): void {
  const { step, evaluates, metric, willSave, decision } = report;
  if (!isPrimary(context)) return;
  const parts = [
    `${scenario.name}  step ${String(step).padStart(String(scenario.numSteps).length)}`,
    evaluates ? `${scenario.metricName}=${formatMetric(metric)}` : '',
    decision.divergence === null ? '' : `diverged: ${decision.divergence}`,
    willSave ? `saving checkpoint-${step}` : '',
    decision.abort ? 'stopping without a save' : decision.stop ? 'stopping' : '',
  ];
  context.journal.append({ type: 'log:written', lines: 1 });
  context.progress.clear();
  context.logger.log({
    kind: 'event',
    text: parts.filter((part) => part !== '').join('  '),
    fields: {
      event: 'step',
      scenario: scenario.name,
      step,
      saves: willSave,
      stops: decision.stop || decision.abort,
      diverged: decision.divergence,
    },
  });
}

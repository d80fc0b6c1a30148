import { checkpointName } from '../../shared/contracts/checkpoint.ts';
import { decodeMetric, formatMetric } from '../../shared/contracts/metric.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { CheckpointFate, Finding, Verdict } from '../../shared/contracts/verdict.ts';
import type { LogLine } from '../../shared/platform/logger.ts';

const RULE = '='.repeat(60);

/** A verdict as the user's document prints it, line by line, with the true counts. */
export function verdictLines(verdict: Verdict, worldSize: number): readonly LogLine[] {
  return [
    result(`Scenario ${verdict.scenario} on ${worldSize} ${worldSize === 1 ? 'rank' : 'ranks'}`),
    result('Verifying results...'),
    result(`Checkpoints on disk: ${verdict.onDisk.length}`),
    ...verdict.onDisk.map((step) => result(`  ${checkpointName(step)}`)),
    result(''),
    result(`Best checkpoints tracked: ${verdict.best.length}`),
    ...verdict.best.map(({ step, metric }) => result(`  ${checkpointName(step)}: ${verdict.metricName}=${formatMetric(metric)}`)),
    result(''),
    ...verdict.findings.flatMap((finding) => findingLines(verdict, finding)),
    result(''),
    ...summaryLines(verdict),
    result(''),
    result(RULE),
    conclusion(verdict),
    result(RULE),
    result(''),
  ];
}

const result = (text: string): LogLine => ({ kind: 'result', text });

function findingLines({ scenario }: Verdict, finding: Finding): readonly LogLine[] {
  const fields = { event: 'finding', scenario, ...finding, ranks: finding.ranks ?? null };
  if (finding.status === 'passed') return [{ kind: 'result', text: `✓ ${finding.message}`, fields }];
  const mark = finding.status === 'failed' ? '✗' : '?';
  return [
    { kind: 'failure', text: `${mark} ${finding.message}${whereOf(finding)}`, fields },
    ...detail('expected', finding.expected),
    ...detail('found', finding.found),
    ...detail('fix', finding.hint),
  ];
}

function whereOf({ step, ranks }: Finding): string {
  const places = [step === undefined ? '' : `step ${step}`, ranks === undefined || ranks.length === 0 ? '' : formatRanks(ranks)];
  const where = places.filter((place) => place !== '').join(', ');
  return where === '' ? '' : ` (${where})`;
}

const detail = (label: string, text: string | undefined): readonly LogLine[] =>
  text === undefined ? [] : [{ kind: 'failure', text: `    ${`${label}:`.padEnd(9)} ${text}` }];

function summaryLines({ scenario, metricName, checkpoints }: Verdict): readonly LogLine[] {
  const width = Math.max(10, ...checkpoints.map(({ step }) => checkpointName(step).length));
  return [
    result(`Summary of ${scenario}: ${checkpoints.length} saved`),
    result(`  ${'checkpoint'.padEnd(width)}  ${metricName.padStart(10)}  fate`),
    ...checkpoints.map(
      (checkpoint): LogLine => ({
        kind: 'result',
        text: `  ${checkpointName(checkpoint.step).padEnd(width)}  ${formatMetric(decodeMetric(checkpoint.metric)).padStart(10)}  ${fateOf(checkpoint)}`,
        fields: { event: 'checkpoint', scenario, step: checkpoint.step, metric: checkpoint.metric, fate: { ...checkpoint.fate } },
      }),
    ),
  ];
}

function fateOf({ fate }: CheckpointFate): string {
  switch (fate.kind) {
    case 'kept': {
      const reasons = [fate.best === null ? '' : `best #${fate.best}`, fate.newest === null ? '' : `newest #${fate.newest}`];
      const why = reasons.filter((reason) => reason !== '').join(', ');
      return why === '' ? 'kept' : `kept: ${why}`;
    }
    case 'deleted':
      return `deleted at step ${fate.atStep}`;
    case 'missing':
      return 'missing: nobody recorded its deletion';
  }
}

function conclusion({ scenario, status, findings }: Verdict): LogLine {
  const fields = { event: 'verdict', scenario, status };
  if (status === 'passed') return { kind: 'verdict', text: '✓ ALL ASSERTIONS PASSED', fields };
  const failed = countOf(findings, 'failed');
  const unknown = countOf(findings, 'unknown');
  if (failed === 0) return { kind: 'failure', text: `? ${unknown} OF ${findings.length} ASSERTIONS UNDECIDED`, fields };
  const rest = unknown === 0 ? '' : `, ${unknown} UNDECIDED`;
  return { kind: 'failure', text: `✗ ${failed} OF ${findings.length} ASSERTIONS FAILED${rest}`, fields };
}

const countOf = (findings: readonly Finding[], wanted: Finding['status']): number =>
  findings.filter(({ status }) => status === wanted).length;

import { describe, expect, it } from 'vitest';
import type { BestListUpdate } from '../../../../shared/contracts/checkpoint.ts';
import { evidenceOf, SPIKE } from '../healthy-evidence.ts';
import { edit, findingsFor } from '../tampering.ts';

describe('metrics-recorded', () => {
  const odd = [0, -0, Number.NaN, undefined, Number.NEGATIVE_INFINITY, 1e-320];
  const metric = (step: number): number | undefined => odd[step / 25 - 1];

  it('passes for every kind of metric', () => {
    expect(findingsFor(evidenceOf({ numSteps: 150, metric }), 'metrics-recorded')).toMatchObject([
      { status: 'passed', message: 'Metrics recorded with all 6 checkpoints' },
    ]);
  });

  it('fails where the metric 0 is dropped, NaN becomes null or an older metric stands', () => {
    const record = (step: number, value: null | number) =>
      edit(evidenceOf({ numSteps: 150, metric }), 0, 'checkpoint:committed', (event) => [
        event.step === step ? { ...event, metric: value } : event,
      ]);
    expect(findingsFor(record(25, null), 'metrics-recorded')).toMatchObject([
      { status: 'failed', step: 25, ranks: [0], expected: '0', found: 'none' },
    ]);
    expect(findingsFor(record(75, null), 'metrics-recorded')).toMatchObject([
      { status: 'failed', step: 75, expected: 'NaN', found: 'none' },
    ]);
    expect(findingsFor(record(100, 0), 'metrics-recorded')).toMatchObject([
      { status: 'failed', step: 100, expected: 'none', found: '0' },
    ]);
    expect(findingsFor(record(50, 0), 'metrics-recorded')).toMatchObject([{ status: 'passed' }]);
  });

  it('fails where a checkpoint that was not evaluated has a metric', () => {
    const sparse = edit(evidenceOf({ evalInterval: 50 }), 0, 'checkpoint:committed', (event) => [
      event.step === 75 ? { ...event, metric: 2.7 } : event,
    ]);
    expect(findingsFor(sparse, 'metrics-recorded')).toMatchObject([
      { status: 'failed', step: 75, expected: 'none', found: '2.7' },
    ]);
  });
});

describe('best-sorted', () => {
  it('shows the metrics, best first', () => {
    expect(findingsFor(evidenceOf({}, SPIKE), 'best-sorted')).toMatchObject([
      { status: 'passed', message: 'Best checkpoints sorted correctly: [2.7891, 2.8234]' },
    ]);
  });

  it('fails at the first update that is not sorted, in the direction of the mode', () => {
    const append: BestListUpdate = (best, { step, metric }) =>
      metric === undefined ? best : [...best, { step, metric }].slice(-2);
    expect(findingsFor(evidenceOf({ updateBest: append }), 'best-sorted')).toMatchObject([
      { status: 'failed', step: 50, ranks: [0, 1], expected: 'smallest metric first' },
    ]);
    const rising = evidenceOf({ mode: 'max', updateBest: append, metric: (step) => step });
    expect(findingsFor(rising, 'best-sorted')).toMatchObject([
      { status: 'failed', step: 50, expected: 'largest metric first', found: 'checkpoint-25: 25, checkpoint-50: 50' },
    ]);
  });

  it('puts the earlier of equals first', () => {
    const tampered = edit(evidenceOf({ metric: () => 1 }), 1, 'best:updated', (event) => [
      { ...event, best: event.best.toReversed() },
    ]);
    expect(findingsFor(tampered, 'best-sorted')).toMatchObject([{ status: 'failed', step: 50, ranks: [1] }]);
  });
});

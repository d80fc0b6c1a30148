import { describe, expect, it } from 'vitest';
import { evidenceOf, SPIKE } from '../healthy-evidence.ts';
import { declare, edit, findingsFor, rewrite } from '../tampering.ts';

const spike = evidenceOf({}, SPIKE);
const deaf = evidenceOf({ detector: 'none' }, SPIKE);

describe('detector-receives-evaluations', () => {
  it('says whether there is a detector at all', () => {
    expect(findingsFor(spike, 'detector-receives-evaluations')).toMatchObject([
      { status: 'passed', message: 'Detector received all 4 evaluations' },
    ]);
    expect(findingsFor(evidenceOf(), 'detector-receives-evaluations')).toMatchObject([
      { status: 'passed', message: 'No detector is used, none had to receive evaluations' },
    ]);
  });

  it('fails at the first evaluation that reaches no detector', () => {
    expect(findingsFor(deaf, 'detector-receives-evaluations')).toMatchObject([
      { status: 'failed', step: 25, ranks: [0, 1], found: 'given to no detector' },
    ]);
  });

  it('fails on the rank and at the step where a detector is left out', () => {
    const tampered = edit(evidenceOf({ worldSize: 3 }, SPIKE), 1, 'detector:notified', (event) =>
      event.step === 75 ? [] : [event],
    );
    expect(findingsFor(tampered, 'detector-receives-evaluations')).toMatchObject([
      { status: 'failed', step: 75, ranks: [1], found: 'not given to DivergenceDetector' },
    ]);
  });

  it('fails where a detector is told before there is an evaluation', () => {
    const early = rewrite(spike, 1, (journal) => {
      const position = journal.findIndex((event) => event.type === 'detector:notified' && event.step === 50);
      return [...journal.slice(position, position + 1), ...journal.slice(0, position), ...journal.slice(position + 1)];
    });
    expect(findingsFor(early, 'detector-receives-evaluations')).toMatchObject([{ status: 'failed', step: 50, ranks: [1] }]);
  });

  it('counts only evaluations that have a metric', () => {
    const gaps = evidenceOf({ detector: 'stop', metric: (step) => (step === 50 ? undefined : 1) });
    expect(findingsFor(gaps, 'detector-receives-evaluations')).toMatchObject([
      { status: 'passed', message: 'Detector received all 3 evaluations' },
    ]);
  });

  it('asks it of every detector, and also where no divergence is expected', () => {
    const calm = evidenceOf({ detector: 'stop' });
    expect(findingsFor(calm, 'detector-receives-evaluations')).toMatchObject([{ status: 'passed' }]);
    const both = edit(calm, 1, 'callbacks:made', (event) => [{ ...event, detectors: [...event.detectors, 'Second'] }]);
    const heard = edit(both, 1, 'detector:notified', (event) => [event, { ...event, callback: 'Second' }]);
    expect(findingsFor(heard, 'detector-receives-evaluations')).toMatchObject([
      { status: 'failed', step: 25, ranks: [0], found: 'not given to Second' },
    ]);
  });

  it.each([[['Deaf']], [['DivergenceDetector', 'Deaf']]])('fails where of %j one hears nothing', (detectors) => {
    const calm = evidenceOf({ detector: detectors.length > 1 ? 'stop' : 'none' });
    const declared = [0, 1].reduce(
      (evidence, rank) => edit(evidence, rank, 'callbacks:made', (event) => [{ ...event, detectors }]),
      calm,
    );
    expect(findingsFor(declared, 'detector-receives-evaluations')).toMatchObject([
      { status: 'failed', step: 25, ranks: [0, 1], found: 'not given to Deaf' },
    ]);
  });
});

describe('divergence-detected', () => {
  it('says that it was detected as expected, or neither injected nor detected', () => {
    expect(findingsFor(spike, 'divergence-detected')).toMatchObject([
      { status: 'passed', message: 'Divergence detector triggered as expected' },
    ]);
    expect(findingsFor(evidenceOf(), 'divergence-detected')).toMatchObject([
      { status: 'passed', message: 'No divergence detected, none injected' },
    ]);
    expect(findingsFor(declare(deaf, { expect: { divergence: false, onDisk: undefined } }), 'divergence-detected')).toMatchObject(
      [{ status: 'passed', message: 'No divergence detected, none expected' }],
    );
  });

  it('fails when nothing was detected', () => {
    expect(findingsFor(deaf, 'divergence-detected')).toEqual([
      {
        invariant: 'divergence-detected',
        status: 'failed',
        message: 'Divergence detector did not trigger',
        expected: 'divergence detected after the spike at step 75',
        found: 'no detection in 6 evaluations up to step 150',
        ranks: [0, 1],
        hint: 'Verify on_evaluate() is implemented; lower the threshold or increase the spike magnitude.',
      },
    ]);
  });

  it('fails when something was detected that was not expected', () => {
    const unexpected = declare(spike, { expect: { divergence: false, onDisk: undefined } });
    expect(findingsFor(unexpected, 'divergence-detected')).toMatchObject([
      {
        status: 'failed',
        message: 'Divergence detector triggered, but no divergence was expected',
        found: expect.stringContaining('threshold 1.5'),
        step: 100,
        ranks: [0, 1],
      },
    ]);
  });

  it('fails when it was detected before the spike, not when at its step', () => {
    expect(findingsFor(declare(spike, { injectSpikeAtStep: 100 }), 'divergence-detected')).toMatchObject([{ status: 'passed' }]);
    expect(findingsFor(declare(spike, { injectSpikeAtStep: 125 }), 'divergence-detected')).toMatchObject([
      { status: 'failed', step: 100, expected: 'no detection before step 125' },
    ]);
  });

  it('expects it of a metric that is not finite', () => {
    const metric = (step: number): number => (step === 75 ? Number.NaN : 1);
    expect(findingsFor(evidenceOf({ metric, detector: 'stop' }), 'divergence-detected')).toMatchObject([{ status: 'passed' }]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openAgreement } from '../../../rank/agreement.ts';
import { decayingLoss } from '../../../rank/public.ts';
import { evaluate } from '../../../rank/training/evaluation.ts';
import type { JournalEntry } from '../../../shared/contracts/journal.ts';
import { decodeMetric } from '../../../shared/contracts/metric.ts';
import { resolveScenario } from '../../../shared/policy/scenario-parameters.ts';
import '../../property-seed.ts';
import { openDoing } from '../../../rank/doing.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { worldOf } from '../group-run.ts';
import { meetingPlace } from '../meeting-place.ts';

/** The metric that each rank comes to when each measures one of these, and what each wrote in its journal. */
async function evaluateAll(
  measured: readonly (number | undefined)[],
): Promise<{ readonly metrics: readonly (number | undefined)[]; readonly journal: readonly JournalEntry[] }> {
  const definition = { name: 'mine', summary: 'x', metric: (_step: number, rank: number) => measured[rank] };
  const scenario = resolveScenario(definition, {}, measured.length);
  const journal: JournalEntry[] = [];
  const metrics = await Promise.all(
    meetingPlace(measured.length).map((barrier, rank) => {
      const agreement = openAgreement(barrier, openDoing(nodePlatform().clock));
      const context = {
        world: worldOf(rank, measured.length),
        agreement,
        journal: { append: (entry: JournalEntry) => void journal.push(entry) },
      };
      return evaluate(context, scenario, 25);
    }),
  );
  return { metrics, journal };
}

const meanOf = async (...measured: readonly (number | undefined)[]): Promise<number | undefined> => {
  const { metrics } = await evaluateAll(measured);
  for (const metric of metrics) expect(metric).toBe(metrics[0]);
  return metrics[0];
};

describe('the metric of a step', () => {
  test('is the mean of all ranks, equal on every rank', async () => {
    expect(await meanOf(1, 2, 6)).toBe(3);
  });

  test('is exactly the value on which all agree', async () => {
    const loss = decayingLoss(25);
    expect(await meanOf(loss, loss, loss)).toBe(loss);
    expect(await meanOf(-0, -0, -0)).toBe(-0);
  });

  test('leaves out ranks that have none', async () => {
    expect(await meanOf(undefined, 4, undefined, 8)).toBe(6);
    expect(await meanOf(undefined, undefined)).toBeUndefined();
  });

  test('is not finite when one of the ranks measures what is not', async () => {
    expect(await meanOf(1, Number.NaN)).toBeNaN();
    expect(await meanOf(1, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(await meanOf(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toBeNaN();
  });

  test('stays within what was measured, however large', async () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(fc.array(finite, { minLength: 1, maxLength: 5 }), async (measured) => {
        const mean = Number(await meanOf(...measured));
        const slack = 1e-12 * Math.max(...measured.map(Math.abs)) + Number.MIN_VALUE * measured.length;
        expect(mean).toBeGreaterThanOrEqual(Math.min(...measured) - slack);
        expect(mean).toBeLessThanOrEqual(Math.max(...measured) + slack);
      }),
      { examples: [[[1e308, 1.7e308]], [[-1.7e308, -1e308, -1.5e308]], [[1.7e308, -1.7e308]], [[5e-324, 0]]] },
    );
  });

  test('and what each rank measured are in the journal of each', async () => {
    const { journal } = await evaluateAll([1, Number.NaN, undefined]);
    const entries = journal.flatMap((entry) => (entry.type === 'evaluation:finished' ? [entry] : []));
    expect(entries.map(({ local }) => decodeMetric(local))).toEqual([1, Number.NaN, undefined]);
    expect(entries.map(({ metric }) => metric)).toEqual(['NaN', 'NaN', 'NaN']);
  });
});

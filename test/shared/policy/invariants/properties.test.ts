import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { RetentionPolicy } from '../../../../shared/contracts/checkpoint.ts';
import type { Evidence } from '../../../../shared/contracts/evidence.ts';
import { judge } from '../../../../shared/policy/invariants/index.ts';
import { newestAndBest } from '../../../../shared/policy/retention.ts';
import '../../../property-seed.ts';
import { BASIC, evidenceOf, type ImaginedRun } from '../healthy-evidence.ts';
import { anyMetric, naiveBest } from '../metric-sequences.ts';
import { declare, edit, failing, findingsFor, withoutOnDisk } from '../tampering.ts';

// A loaded machine takes its time over hundreds of runs.
vi.setConfig({ testTimeout: 60_000 });

const anyRun: fc.Arbitrary<ImaginedRun> = fc
  .record({
    metrics: fc.array(anyMetric, { minLength: 1, maxLength: 30 }),
    worldSize: fc.integer({ min: 1, max: 4 }),
    evalInterval: fc.integer({ min: 1, max: 3 }),
    saveInterval: fc.integer({ min: 1, max: 3 }),
    saveTotalLimit: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant('none' as const)),
    preserveNBest: fc.integer({ min: 0, max: 4 }),
    mode: fc.constantFrom('min' as const, 'max' as const),
    detector: fc.constantFrom('none' as const, 'none' as const, 'stop' as const, 'abort' as const),
  })
  .map(({ metrics, ...run }) => ({ ...BASIC, ...run, numSteps: metrics.length, metric: (step) => metrics[step - 1] }));

/** Steps saved by a run, with the metrics they were saved with. */
const savesOf = ({ history }: Evidence) =>
  (history[0] ?? []).flatMap((event) => (event.type === 'checkpoint:committed' ? [event.step] : []));

const worthKeeping = (run: ImaginedRun, saves: readonly number[]): readonly number[] => {
  const checkpoints = saves.map((step) => ({ step, metric: step % run.evalInterval === 0 ? run.metric(step) : undefined }));
  const newest = run.saveTotalLimit === 'none' ? saves : saves.slice(-run.saveTotalLimit);
  return [...new Set([...newest, ...naiveBest(checkpoints, run.preserveNBest, run.mode)])];
};

describe('any healthy run', () => {
  it('passes every invariant', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const { status, findings } = judge(evidenceOf(run));
        expect(findings.filter((finding) => finding.status !== 'passed')).toEqual([]);
        expect(status).toBe('passed');
      }),
      { numRuns: 200 },
    );
  });

  it('keeps exactly what is worth keeping', () => {
    fc.assert(
      fc.property(anyRun, (run) => {
        const evidence = evidenceOf(run);
        expect(judge(evidence).onDisk).toEqual([...worthKeeping(run, savesOf(evidence))].sort((a, b) => a - b));
      }),
    );
  });
});

describe('the loss of one good checkpoint', () => {
  const anyLoss = fc.tuple(anyRun, fc.nat(), fc.nat()).filter(([run]) => savesOf(evidenceOf(run)).length > 0);

  /** A save of the run, and a checkpoint that was worth keeping right after it. */
  const choose = (run: ImaginedRun, when: number, which: number): { readonly at: number; readonly lost: number } => {
    const saves = savesOf(evidenceOf(run));
    const index = when % saves.length;
    const good = worthKeeping(run, saves.slice(0, index + 1));
    return { at: saves[index] ?? 0, lost: good[which % good.length] ?? 0 };
  };

  it('is always caught, at its step, when retention deletes it', () => {
    fc.assert(
      fc.property(anyLoss, ([run, when, which]) => {
        const { at, lost } = choose(run, when, which);
        const retention: RetentionPolicy = (history) => {
          const { preserve, delete: doomed } = newestAndBest(history);
          if (history.checkpoints.at(-1)?.step !== at) return { preserve, delete: doomed };
          return { preserve: preserve.filter((step) => step !== lost), delete: [...doomed, lost] };
        };
        const evidence = declare(evidenceOf({ ...run, retention }), { hasOwnRetention: false });
        expect(findingsFor(evidence, 'no-good-deleted')).toMatchObject([{ status: 'failed', step: at, ranks: [0] }]);
        expect(findingsFor(evidence, 'disk-expected')).toMatchObject([{ status: 'failed', step: at }]);
        expect(judge(evidence).status).toBe('failed');
      }),
      { numRuns: 100 },
    );
  });

  it('is always caught when it vanishes without a record', () => {
    fc.assert(
      fc.property(anyLoss, ([run, when, which]) => {
        const { at, lost } = choose(run, when, which);
        const healthy = evidenceOf(run);
        const listed = edit(healthy, 0, 'disk:listed', (event) => [
          event.step < at ? event : { ...event, checkpoints: event.checkpoints.filter((step) => step !== lost) },
        ]);
        expect(findingsFor(withoutOnDisk(listed, lost), 'best-preserved')).toMatchObject([{ status: 'failed', step: at }]);
      }),
      { numRuns: 100 },
    );
  });

  it('is always caught when it is only gone at the end', () => {
    fc.assert(
      fc.property(anyLoss, ([run, , which]) => {
        const healthy = evidenceOf(run);
        const lost = healthy.disk[which % healthy.disk.length]?.step ?? 0;
        expect(failing(withoutOnDisk(healthy, lost))).toEqual(
          expect.arrayContaining(['best-preserved', 'disk-expected', 'fates-known']),
        );
      }),
    );
  });
});

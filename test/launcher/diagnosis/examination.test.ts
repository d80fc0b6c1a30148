import { describe, expect, test } from 'vitest';
import { type Examiner, openExaminer } from '../../../launcher/diagnosis/examination.ts';
import type { RankHost } from '../../../launcher/rank-host.ts';
import type { AbortedBarrier, Arrival } from '../../../shared/contracts/barrier.ts';
import type { RunPlan } from '../../../shared/contracts/run-plan.ts';
import { lastEvent } from '../../../shared/platform/journal-file.ts';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { arrivalOf, BARRIER } from '../../shared/policy/diagnosis/hang-evidence.ts';
import { leaveBarrier, put } from './barrier-remains.ts';

/** A clock that a pause moves on at once, and on which `onPause` may let something happen. */
function simulated(onPause: () => void): Platform {
  let nowMs = 0;
  const after = (delayMs: number, action: () => void): (() => void) => {
    nowMs += delayMs;
    queueMicrotask(() => {
      onPause();
      action();
    });
    return () => undefined;
  };
  const platform = nodePlatform();
  return { ...platform, clock: { ...platform.clock, monotonicMs: () => nowMs, nowMs: () => nowMs, after } };
}

/** No process has this number: whoever looks at it sees nothing, and signals nobody. */
const NOBODY = 2 ** 30;

const hostOf = (rank: number, pid: number | null = NOBODY): RankHost => ({
  ...{ rank, pid, signal: () => undefined },
  exited: new Promise(() => undefined),
});

const abort = (reason: AbortedBarrier['reason'], arrivals: readonly Arrival[]): AbortedBarrier => ({
  ...{ ...BARRIER, outcome: 'abort', reason, decidedBy: 0, timeoutMs: 1000, arrivals },
  ...{ arrived: arrivals.map(({ rank }) => rank), missing: [] },
});

interface Scene {
  readonly run: RunDirectory;
  readonly examiner: Examiner;
}

const PLAN: RunPlan = {
  ...{ format: 'ckpt-run-plan', version: 1, ckptRun: '0', runId: 'mine', attempt: 0, worldSize: 2, outputDir: '/out' },
  ...{ scenarios: [], barrierTimeoutMs: null, hardTimeoutMs: 1, seed: 0, faults: [] },
  output: { logFormat: 'text', quiet: true, color: false, progress: false },
};

function scene(
  hosts: readonly RankHost[],
  dead: readonly number[] = [],
  onPause: (run: RunDirectory) => void = () => undefined,
): Scene {
  const run = runDirectory(temporaryDirectory());
  const platform = simulated(() => onPause(run));
  const isAlive = ({ rank }: RankHost): boolean => !dead.includes(rank);
  return {
    run,
    examiner: openExaminer({ platform, environment: {}, plan: PLAN, run, hosts, isAlive, packageDirectory: '/package' }),
  };
}

const FAILED = { kind: 'rank-failed', rank: 0 } as const;

describe('when a group is about to end', () => {
  test('it looks at those that live and have not arrived', async () => {
    const { run, examiner } = scene([hostOf(0), hostOf(1), hostOf(2), hostOf(3, null)], [2]);
    leaveBarrier(run, [arrivalOf(0)], abort('timeout', [arrivalOf(0)]));
    const { barrier, arrivals, looks } = (await examiner.examine(FAILED)) ?? expect.unreachable();
    expect([barrier?.sequence, arrivals]).toEqual([7, [arrivalOf(0)]]);
    expect([...looks.keys()]).toEqual([1]);
    expect(looks.get(1)).toMatchObject({ processes: { notSeen: expect.any(String) }, loop: { notSeen: expect.any(String) } });
  });

  test('where ranks disagree, it gives the others the time to come', async () => {
    const first = [arrivalOf(0), arrivalOf(1, { name: 'another', fingerprint: 'ffffffff' })];
    const { run, examiner } = scene(
      [0, 1, 2].map((rank) => hostOf(rank)),
      [],
      (own) => leaveBarrier(own, [arrivalOf(2)]),
    );
    leaveBarrier(run, first, abort('mismatch', first));
    const seen = await examiner.examine(FAILED);
    expect(seen?.arrivals.map(({ rank }) => rank)).toEqual([0, 1, 2]);
    expect(seen?.looks.size).toBe(0);
  });

  test('it waits for the last words of those that gave up', async () => {
    const error = { code: 'CKPT_BARRIER_TIMEOUT', message: 'm', hint: 'h', evidence: null, stack: null };
    const { run, examiner } = scene([hostOf(0), hostOf(1)], [1], (own) =>
      put(own.journal(0), `${JSON.stringify({ atMs: 1, type: 'rank:failed', error })}\n`),
    );
    leaveBarrier(run, [arrivalOf(0)], abort('timeout', [arrivalOf(0)]));
    await examiner.examine(FAILED);
    expect(lastEvent(nodePlatform().disk, run.journal(0))?.type).toBe('rank:failed');
  });

  test('and no more time than there is', async () => {
    const { run, examiner } = scene([0, 1, 2].map((rank) => hostOf(rank)));
    leaveBarrier(run, [arrivalOf(0), arrivalOf(1)], abort('mismatch', [arrivalOf(0), arrivalOf(1)]));
    const seen = await examiner.examine(FAILED);
    expect(seen?.arrivals.map(({ rank }) => rank)).toEqual([0, 1]);
    // It could not be the cause.
    expect(seen?.looks.size).toBe(0);
  });

  test.for([
    ['no barrier was given up', FAILED, false],
    ['somebody interrupts', { kind: 'interrupted', signal: 'SIGINT' }, true],
  ] as const)('it looks at nobody when %s', ([, reason, isGivenUp]) => {
    const { run, examiner } = scene([hostOf(0), hostOf(1)]);
    if (isGivenUp) leaveBarrier(run, [arrivalOf(0)], abort('timeout', [arrivalOf(0)]));
    expect(examiner.examine(reason)).toBeUndefined();
  });
});

test('a barrier that is given up while its ranks are looked at has not opened: nobody came', async () => {
  const giveUp = (run: RunDirectory): void => leaveBarrier(run, [], abort('timeout', [arrivalOf(0)]));
  const { run, examiner } = scene([hostOf(0), hostOf(1)], [], giveUp);
  leaveBarrier(run, [arrivalOf(0)]);
  const { evidence, isStill } = await examiner.picture();
  expect([evidence.barrier?.why, isStill]).toEqual(['timeout', true]);
});

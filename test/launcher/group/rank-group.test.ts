import { describe, expect, test } from 'vitest';
import { type RankGroup, type StopReason, watchGroup } from '../../../launcher/group/rank-group.ts';
import type { RankExit, RankHost } from '../../../launcher/rank-host.ts';
import type { Clock } from '../../../shared/platform/clock.ts';
import type { SignalName } from '../../../shared/platform/process-group.ts';

/** A rank without a process: it ends when the test says so, or by a signal that it obeys. */
class FakeRank implements RankHost {
  readonly rank: number;
  readonly pid = 7;
  readonly signals: string[] = [];
  readonly exited: Promise<RankExit>;
  readonly #obeys: readonly string[];
  #end: (exit: RankExit) => void = () => undefined;

  constructor(rank: number, obeys: readonly string[] = ['SIGTERM', 'SIGKILL']) {
    this.rank = rank;
    this.#obeys = obeys;
    this.exited = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  exit(exitCode: number | null, signal: string | null = null): void {
    this.#end({ exitCode, signal, startError: null });
  }

  signal(name: SignalName): void {
    this.signals.push(name);
    if (this.#obeys.includes(name)) this.exit(null, name);
  }
}

/** A clock whose only timer the test rings. */
class FakeClock implements Clock {
  every = (): void => undefined;
  ring: (() => void) | undefined;
  nowMs = (): number => 0;
  monotonic = 0;
  monotonicMs = (): number => this.monotonic;
  after = (_delayMs: number, callback: () => void): (() => void) => {
    this.ring = callback;
    return () => {
      this.ring = undefined;
    };
  };
}

const watch = (
  ranks: readonly FakeRank[],
  clock: Clock = new FakeClock(),
  reachedEnd = (_rank: number): boolean => true,
): RankGroup => watchGroup(ranks, { clock, graceMs: 5000, reachedEnd });

describe('a group', () => {
  test('of which all ranks reach their end has no reason', async () => {
    const ranks = [new FakeRank(0), new FakeRank(1)];
    const group = watch(ranks);
    for (const rank of ranks) rank.exit(0);
    expect(await group.ended).toMatchObject({ reason: null, ranks: [{ exitCode: 0, wasStopped: false }, { exitCode: 0 }] });
  });

  test('ends as a whole when one rank fails', async () => {
    const ranks = [new FakeRank(0), new FakeRank(1), new FakeRank(2)];
    const group = watch(ranks);
    ranks[1]?.exit(1);
    expect(await group.ended).toMatchObject({
      reason: { kind: 'rank-failed', rank: 1 },
      ranks: [{ signal: 'SIGTERM', wasStopped: true }, { exitCode: 1, wasStopped: false }, { signal: 'SIGTERM' }],
    });
    expect(ranks[0]?.signals[0]).toBe('SIGTERM');
  });

  test('says at once why it ends, and nothing once it has ended', async () => {
    const heard: unknown[] = [];
    const ranks = [new FakeRank(0), new FakeRank(1, [])];
    const onStop = (...what: readonly unknown[]): void => void heard.push(what);
    const group = watchGroup(ranks, { clock: new FakeClock(), graceMs: 5000, reachedEnd: () => true, onStop });
    ranks[0]?.exit(7);
    await ranks[0]?.exited;
    await Promise.resolve();
    expect(heard).toEqual([
      [
        { kind: 'rank-failed', rank: 0 },
        { exitCode: 7, signal: null, startError: null },
      ],
    ]);
    ranks[1]?.exit(0);
    await group.ended;
    const quiet = watchGroup([], { clock: new FakeClock(), graceMs: 5000, reachedEnd: () => true, onStop });
    await quiet.ended;
    quiet.stop({ kind: 'timeout' });
    expect(heard).toHaveLength(1);
  });

  test('does not believe an exit code of 0', async () => {
    const ranks = [new FakeRank(0), new FakeRank(1)];
    const group = watch(ranks, new FakeClock(), (rank) => rank !== 0);
    ranks[0]?.exit(0);
    expect(await group.ended).toMatchObject({ reason: { kind: 'rank-failed', rank: 0 } });
  });

  test('kills those that do not end within the grace', async () => {
    const deaf = new FakeRank(1, ['SIGKILL']);
    const clock = new FakeClock();
    const ranks = [new FakeRank(0), deaf];
    const group = watch(ranks, clock);
    group.stop({ kind: 'timeout' });
    await ranks[0]?.exited;
    expect(deaf.signals).toEqual(['SIGTERM', 'SIGCONT']);
    clock.ring?.();
    expect(await group.ended).toMatchObject({
      reason: { kind: 'timeout' },
      ranks: [{ signal: 'SIGTERM' }, { signal: 'SIGKILL' }],
    });
    expect(clock.ring).toBeUndefined();
  });

  test('leaves those that even SIGKILL does not end, and says so', async () => {
    const stuck = new FakeRank(1, []);
    const ranks = [new FakeRank(0), stuck];
    const clock = new FakeClock();
    const group = watchGroup(ranks, { clock, graceMs: 5000, leaveAfterMs: 3000, reachedEnd: () => true });
    group.stop({ kind: 'timeout' });
    await ranks[0]?.exited;
    clock.ring?.();
    expect(stuck.signals.at(-1)).toBe('SIGKILL');
    clock.ring?.();
    const { ranks: outcomes } = await group.ended;
    expect(outcomes).toMatchObject([{ signal: 'SIGTERM' }, { exitCode: null, signal: null, isAlive: true }]);
    expect(outcomes[0]).not.toHaveProperty('isAlive');
  });

  test('knows how its ranks have ended so far', async () => {
    const ranks = [new FakeRank(0), new FakeRank(1, [])];
    const group = watch(ranks);
    ranks[0]?.exit(124);
    await ranks[0]?.exited;
    expect(group.outcomes()).toMatchObject([{ exitCode: 124 }, { exitCode: null, isAlive: true }]);
  });

  test('kills at once at the second interrupt, and keeps the first reason', async () => {
    const deaf = new FakeRank(0, ['SIGKILL']);
    const clock = new FakeClock();
    const group = watch([deaf], clock);
    group.stop({ kind: 'interrupted', signal: 'SIGINT' });
    clock.monotonic = 500;
    group.stop({ kind: 'timeout' });
    expect(deaf.signals).toEqual(['SIGTERM', 'SIGCONT']);
    group.stop({ kind: 'interrupted', signal: 'SIGTERM' });
    expect(await group.ended).toMatchObject({ reason: { kind: 'interrupted', signal: 'SIGINT' } });
  });

  test('takes neither what comes at once nor the end of a terminal for a second interrupt', async () => {
    const deaf = new FakeRank(0, ['SIGKILL']);
    const clock = new FakeClock();
    const group = watch([deaf], clock);
    group.stop({ kind: 'interrupted', signal: 'SIGINT' });
    clock.monotonic = 499;
    group.stop({ kind: 'interrupted', signal: 'SIGINT' });
    clock.monotonic = 2000;
    group.stop({ kind: 'interrupted', signal: 'SIGHUP' });
    expect(deaf.signals).toEqual(['SIGTERM', 'SIGCONT']);
    group.stop({ kind: 'interrupted', signal: 'SIGINT' });
    expect(await group.ended).toMatchObject({ reason: { kind: 'interrupted', signal: 'SIGINT' } });
  });

  test('is asked to end with the signal that the reason calls for, and is told what it was sent', async () => {
    const ranks = [new FakeRank(0, ['SIGHUP']), new FakeRank(1, ['SIGKILL'])];
    const firstSignal = (reason: StopReason): SignalName => (reason.kind === 'interrupted' ? reason.signal : 'SIGTERM');
    const clock = new FakeClock();
    const group = watchGroup(ranks, { clock, graceMs: 5000, reachedEnd: () => true, firstSignal });
    group.stop({ kind: 'interrupted', signal: 'SIGHUP' });
    await ranks[0]?.exited;
    clock.ring?.();
    expect(await group.ended).toMatchObject({
      ranks: [
        { signal: 'SIGHUP', sent: ['SIGHUP'] },
        { signal: 'SIGKILL', sent: ['SIGHUP', 'SIGKILL'] },
      ],
    });
  });

  test('ends what a rank has left behind in its process group', async () => {
    const rank = new FakeRank(0, []);
    const group = watch([rank]);
    rank.exit(0);
    await group.ended;
    expect(rank.signals).toEqual(['SIGKILL']);
  });

  test('knows which ranks had a handler for what they were told', async () => {
    const ranks = [new FakeRank(0), new FakeRank(1), new FakeRank(2)];
    const handles = ({ rank }: RankHost): boolean => rank === 1;
    const group = watchGroup(ranks, { clock: new FakeClock(), graceMs: 5000, reachedEnd: () => true, handles });
    ranks[0]?.exit(7);
    const { ranks: outcomes } = await group.ended;
    expect(outcomes.map(({ mayHaveObeyed }) => mayHaveObeyed)).toEqual([false, true, false]);
  });
});

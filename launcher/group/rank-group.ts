import type { BarrierKey } from '../../shared/contracts/barrier.ts';
import type { SerializedError } from '../../shared/contracts/errors.ts';
import type { ProgramHang } from '../../shared/contracts/program-hang.ts';
import type { EndingSignal } from '../../shared/contracts/run-report.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { SignalName } from '../../shared/platform/process-group.ts';
import type { NodeFailure } from '../outcome/root-cause.ts';
import type { RankExit, RankHost } from '../rank-host.ts';

/** Why the launcher ended ranks that had not ended by themselves. */
export type StopReason =
  | { readonly kind: 'rank-failed'; readonly rank: number }
  | ({ readonly kind: 'rank-ended-early'; readonly rank: number } & Desertion)
  | { readonly kind: 'node-failed'; readonly failure: NodeFailure }
  | { readonly kind: 'timeout' }
  | ({ readonly kind: 'stalled' } & Stall)
  | { readonly kind: 'hung'; readonly hang: ProgramHang }
  | { readonly kind: 'lease-lost' }
  | { readonly kind: 'bug'; readonly error: SerializedError }
  | { readonly kind: 'interrupted'; readonly signal: EndingSignal };

/** No rank of a run gets on, and no barrier says so. */
export interface Stall {
  /** What was longer than it may be: the time without any sign of progress, or, although there were some, without a record. */
  readonly without: 'progress' | 'record';
  readonly forMs: number;
  /** At which ranks wait that do not give it up. */
  readonly barrier: BarrierKey | null;
}

/** Ranks that wait at a barrier for one that has exited with 0. */
export interface Desertion {
  readonly barrier: BarrierKey;
  readonly waiting: readonly number[];
}

/** How one rank of a group ended. */
export interface HostOutcome extends RankExit {
  readonly host: RankHost;
  /** Monotonic, milliseconds. */
  readonly exitedAtMs: number;
  /** Whether it had been told to end. */
  readonly wasStopped: boolean;
  /** Whether it had a handler for what it was told to end with, and so may have exited with any code for that reason. */
  readonly mayHaveObeyed: boolean;
  /** What the group had been sent by then. */
  readonly sent: readonly SignalName[];
  /** It has not ended: nothing is known of its end, and at the end of the group not even SIGKILL has ended it. */
  readonly isAlive?: true;
}

/** How the group ended. */
export interface GroupOutcome {
  /** In rank order. */
  readonly ranks: readonly HostOutcome[];
  /** The first thing that ended the group; null when every rank reached its end. */
  readonly reason: StopReason | null;
}

/** Ranks that live and end together. */
export interface RankGroup {
  /** Settles when every process has ended, or those that are left cannot be ended. */
  readonly ended: Promise<GroupOutcome>;
  /** Ends all ranks: SIGTERM, and SIGKILL to those that are left after the grace. A second interrupt, a moment later, kills at once. */
  stop(reason: StopReason): void;
  /** Whether a rank's process has not ended yet. */
  isAlive(host: RankHost): boolean;
  /** How the ranks have ended so far, in rank order. */
  outcomes(): readonly HostOutcome[];
}

/** How a group is watched. */
export interface GroupRules {
  readonly clock: Clock;
  /** Between the first signal and SIGKILL. */
  readonly graceMs: number;
  /** How long after SIGKILL ranks are waited for, which one that is stuck in the kernel survives. Default for ever. */
  readonly leaveAfterMs?: number;
  /** Whether a rank that exited with 0 had come to its end. */
  readonly reachedEnd: (rank: number) => boolean;
  /** Looks at the ranks before any is told to end, which they are when it settles. Never rejects. */
  readonly examine?: (reason: StopReason) => Promise<void> | undefined;
  /** What ranks are asked to end with. Default SIGTERM. */
  readonly firstSignal?: (reason: StopReason) => SignalName;
  /** Whether a rank has a handler for a signal. */
  readonly handles?: (host: RankHost, name: SignalName) => boolean;
  /** Hears at once why the group ends, and how the rank ended that was the cause. */
  readonly onStop?: (reason: StopReason, failed: RankExit | undefined) => void;
}

/** What comes sooner is the first wish once more: a signal may come from the terminal and from a parent that passes it on. */
export const SAME_WISH_MS = 500;

/** Watches a group: when one rank fails, all end. */
export function watchGroup(hosts: readonly RankHost[], rules: GroupRules): RankGroup {
  const { clock, graceMs, leaveAfterMs, reachedEnd, onStop, examine } = rules;
  const { firstSignal = () => 'SIGTERM', handles = () => false } = rules;
  const alive = new Set(hosts);
  const obedient = new Set<RankHost>();
  const sent: SignalName[] = [];
  let reason: StopReason | null = null;
  let stoppedAtMs = 0;
  let hasEnded = false;
  const endings = new Map<RankHost, HostOutcome>();
  const timers: (() => void)[] = [];
  let examination: Promise<void> | undefined;
  let leave: () => void = () => undefined;
  const isLeft = new Promise<void>((resolve) => {
    leave = resolve;
  });

  const signalAll = (name: SignalName): void => {
    sent.push(name);
    for (const host of alive) {
      // Asked before it is told: afterwards it may be gone.
      if (handles(host, name)) obedient.add(host);
      host.signal(name);
    }
  };

  const killAll = (): void => {
    signalAll('SIGKILL');
    if (leaveAfterMs !== undefined) timers.push(clock.after(leaveAfterMs, leave));
  };

  const tellToEnd = (why: StopReason): void => {
    if (hasEnded) return;
    signalAll(firstSignal(why));
    // A rank that somebody has stopped hears of it only when it goes on.
    for (const host of alive) host.signal('SIGCONT');
    if (alive.size > 0) timers.push(clock.after(graceMs, killAll));
  };

  /** The end of a terminal cannot be a wish to hurry, however often it is told. */
  const isSecondWish = (why: StopReason): boolean =>
    why.kind === 'interrupted' && why.signal !== 'SIGHUP' && clock.monotonicMs() - stoppedAtMs >= SAME_WISH_MS;

  const stop = (why: StopReason, failed?: RankExit): void => {
    if (hasEnded) return;
    if (reason !== null) {
      if (isSecondWish(why)) killAll();
      return;
    }
    reason = why;
    stoppedAtMs = clock.monotonicMs();
    onStop?.(why, failed);
    examination = examine?.(why)?.then(() => tellToEnd(why));
    if (examination === undefined) tellToEnd(why);
  };

  const outcomeOf = (host: RankHost, exit: RankExit): HostOutcome => ({
    ...exit,
    host,
    exitedAtMs: clock.monotonicMs(),
    wasStopped: sent.length > 0,
    mayHaveObeyed: obedient.has(host),
    sent: [...sent],
  });

  const outcomes = (): readonly HostOutcome[] =>
    hosts.map((host) => endings.get(host) ?? { ...outcomeOf(host, NOTHING_KNOWN), isAlive: true });

  const watch = async (host: RankHost): Promise<void> => {
    const exit = await host.exited;
    endings.set(host, outcomeOf(host, exit));
    alive.delete(host);
    // What the rank started and left behind ends with it.
    host.signal('SIGKILL');
    if (exit.exitCode !== 0 || !reachedEnd(host.rank)) stop({ kind: 'rank-failed', rank: host.rank }, exit);
  };

  const ended = Promise.race([Promise.all(hosts.map(watch)), isLeft]).then(async (): Promise<GroupOutcome> => {
    await examination;
    hasEnded = true;
    for (const cancel of timers) cancel();
    return { ranks: outcomes(), reason };
  });
  return { ended, stop: (why) => stop(why), isAlive: (host) => alive.has(host), outcomes };
}

const NOTHING_KNOWN: RankExit = { exitCode: null, signal: null, startError: null };

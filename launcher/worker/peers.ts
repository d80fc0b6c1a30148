import { join } from 'node:path';
import type { Diagnosis } from '../../shared/contracts/diagnosis.ts';
import { startIn } from '../../shared/contracts/journal.ts';
import { isJsonObject, parseJson } from '../../shared/contracts/json.ts';
import type { WorkerReport } from '../../shared/contracts/run-report.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { readJournal } from '../../shared/platform/journal-file.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { isAlive, type ProcessIdentity } from '../../shared/platform/process-identity.ts';
import type { RunDirectory } from '../../shared/platform/run-directory.ts';
import { reachedEnd } from '../outcome/remains.ts';
import type { RankExit, RankHost } from '../rank-host.ts';

/** What one worker sees of the others, through the run directory. */
export interface Peers {
  /** In rank order, without this one. Told to end, they are waited for no longer than a moment. */
  readonly hosts: readonly RankHost[];
  /** Settles when a rank has come, or has left, or when the time is over; says whether it is there. */
  hasJoined(rank: number, limitMs: number): Promise<boolean>;
  /** Settles when all ranks have come, or one has failed already, or it is given up; gives those that are missed when the time is over. */
  allJoined(limitMs: number, isGivenUp: () => boolean): Promise<readonly number[]>;
  /** Settles when a rank has left, or when the time is over; gives what its process said, if it did. */
  leaving(rank: number, limitMs: number): Promise<Leaving | undefined>;
  /** The rank that has failed, as far as any has said so. */
  failed(): number | undefined;
  /** Looks no more. */
  close(): void;
}

/** What a worker says first. */
export type Joined = ProcessIdentity & WorkerReport;

/** What a worker says last. */
export interface Leaving {
  /** How its rank ended. */
  readonly exit: RankExit;
  /** The rank that was to blame, if any was. */
  readonly because: number | null;
  /** What is known of a barrier that did not open, or of a rank that ended by itself. */
  readonly diagnosis: Diagnosis | null;
}

/** Where no event tells. */
const LOOK_EVERY_MS = 100;
/** On a file system that never tells, all look, and each look is dear. */
const LOOK_AFAR_EVERY_MS = 1000;
/** Who waits for something looks at first so often. */
const SOON_MS = 20;
const SOON_AFAR_MS = 250;
/** Whether a process lives is asked less often. */
const EVERY_NTH_LOOK = 10;
/** A rank that came to its end has its process say so at once; one that does not has been killed. */
const LAST_WORDS_MS = 5000;

/** A rank of another process. */
interface Peer {
  readonly host: RankHost;
  isSettled: boolean;
  /** What its process said of its end. */
  left: Leaving | undefined;
  /** Its process has ended, and says no more. */
  isGone: boolean;
  endSeenAtMs: number | undefined;
  settle(exit: RankExit): void;
}

/** Watches the workers of a run; `graceMs` is how long those that are told to end may take to say that they did. */
export function openPeers(platform: Platform, run: RunDirectory, ranks: readonly number[], graceMs: number): Peers {
  const { disk, clock } = platform;
  const peers = ranks.map((rank) => openPeer(platform, run, rank, graceMs));
  let looks = 0;
  const settleFirst = (...inOrder: readonly Peer[]): void => {
    for (const { left, isSettled, settle } of inOrder) if (left !== undefined && !isSettled) settle(left.exit);
  };

  const look = (): void => {
    looks += 1;
    const names = new Set(disk.list(run.workers));
    for (const peer of peers) {
      const { rank } = peer.host;
      if (peer.left === undefined && names.has(nameOf(run.left(rank)))) peer.left = readLeft(disk.readTextIfAny(run.left(rank)));
    }
    for (const peer of peers) {
      if (peer.left !== undefined) {
        // Of several that have failed, the first is the one that the others name.
        const cause = peers.find(({ host }) => host.rank === peer.left?.because);
        if (cause === undefined || cause === peer || cause.left !== undefined || cause.isSettled)
          settleFirst(cause ?? peer, peer);
      } else if (looks % EVERY_NTH_LOOK === 0 && !peer.isGone) lookForSilentEnd(platform, run, peer);
    }
  };
  const looking = (): void => {
    try {
      look();
    } catch {
      // What cannot be seen now may be seen the next time.
    }
  };
  const lookOn = (): void => {
    looking();
    cancel = clock.after(watcher === undefined ? LOOK_AFAR_EVERY_MS : LOOK_EVERY_MS, lookOn);
  };
  const watcher = disk.watch(run.workers, looking);
  let cancel = clock.after(0, lookOn);

  const until = (isSo: () => boolean, limitMs: number): Promise<boolean> =>
    lookUntil(clock, looking, isSo, limitMs, watcher === undefined ? SOON_AFAR_MS : SOON_MS);
  const peerOf = (rank: number): Peer | undefined => peers.find(({ host }) => host.rank === rank);
  const isOver = (rank: number): boolean => peerOf(rank)?.left !== undefined || peerOf(rank)?.isGone === true;
  const isHere = (rank: number): boolean => here().includes(rank);
  const here = (): readonly number[] => {
    const names = new Set(disk.list(run.workers));
    return ranks.filter((rank) => names.has(nameOf(run.joined(rank))));
  };

  return {
    hosts: peers.map(({ host }) => host),
    hasJoined: async (rank, limitMs) => {
      await until(() => isHere(rank) || isOver(rank), limitMs);
      return isHere(rank) && peerOf(rank)?.left === undefined;
    },
    allJoined: async (limitMs, isGivenUp) => {
      const missing = (): readonly number[] => {
        const present = here();
        return ranks.filter((rank) => !present.includes(rank) && peerOf(rank)?.left === undefined);
      };
      const hasFailed = (): boolean => peers.some(({ left }) => left !== undefined && left.exit.exitCode !== 0);
      return (await until(() => isGivenUp() || hasFailed() || missing().length === 0, limitMs)) ? [] : missing();
    },
    leaving: async (rank, limitMs) => {
      await until(() => isOver(rank), limitMs);
      return peerOf(rank)?.left;
    },
    failed: () => {
      looking();
      const gone = peers.find(({ left }) => left !== undefined && left.exit.exitCode !== 0);
      return gone?.left?.because ?? gone?.host.rank;
    },
    close: () => {
      watcher?.close();
      cancel();
    },
  };
}

/** Looks ever more rarely until something is so, or the time is over; says whether it is. */
async function lookUntil(
  clock: Clock,
  look: () => void,
  isSo: () => boolean,
  limitMs: number,
  rarestMs: number,
): Promise<boolean> {
  const endsAtMs = clock.monotonicMs() + limitMs;
  let pauseMs = SOON_MS;
  for (look(); !isSo() && clock.monotonicMs() < endsAtMs; look()) {
    await new Promise<void>((resolve) => clock.after(Math.min(pauseMs, endsAtMs - clock.monotonicMs()), resolve));
    pauseMs = Math.min(pauseMs * 1.5, rarestMs);
  }
  return isSo();
}

function openPeer({ disk, clock, host: here }: Platform, run: RunDirectory, rank: number, graceMs: number): Peer {
  let pid: number | null = null;
  let end: (exit: RankExit) => void = () => undefined;
  const exited = new Promise<RankExit>((resolve) => {
    end = resolve;
  });
  const host: RankHost = {
    rank,
    get pid() {
      const started = pid === null ? startIn(readJournal(disk, run.journal(rank)).events) : undefined;
      // On another machine its number says nothing.
      if (started?.host === here) pid = started.pid;
      return pid;
    },
    exited,
    signal: (name) => {
      if (name !== 'SIGCONT' && !peer.isSettled) clock.after(graceMs, () => peer.settle(UNKNOWN_END));
    },
  };
  const peer: Peer = {
    host,
    isSettled: false,
    left: undefined,
    isGone: false,
    endSeenAtMs: undefined,
    settle: (exit) => {
      peer.isSettled = true;
      end(exit);
    },
  };
  return peer;
}

const UNKNOWN_END: RankExit = { exitCode: null, signal: null, startError: null };

/** A worker that was killed says nothing of its end. */
function lookForSilentEnd(platform: Platform, run: RunDirectory, peer: Peer): void {
  const { rank } = peer.host;
  const now = platform.clock.monotonicMs();
  const hasFinished = reachedEnd(platform, run, rank);
  if (hasFinished) peer.endSeenAtMs ??= now;
  const who = parseJson(platform.disk.readTextIfAny(run.joined(rank)) ?? '', isIdentity);
  const isDead =
    who !== undefined && isAlive(platform, who) === 'dead' && !platform.disk.list(run.workers).includes(nameOf(run.left(rank)));
  peer.isGone = isDead || now - (peer.endSeenAtMs ?? now) > LAST_WORDS_MS;
  if (peer.isGone) peer.settle(hasFinished ? { ...UNKNOWN_END, exitCode: 0 } : UNKNOWN_END);
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const readLeft = (text = ''): Leaving | undefined => parseJson(text, isLeaving);

const isLeaving = (value: unknown): value is Leaving =>
  isJsonObject(value) && isJsonObject(value['exit']) && ['because', 'diagnosis'].every((field) => value[field] !== undefined);

const isIdentity = (value: unknown): value is ProcessIdentity =>
  isJsonObject(value) && typeof value['pid'] === 'number' && typeof value['host'] === 'string';

/** What the workers that have come found, in rank order. */
export const workersIn = (disk: Disk, run: RunDirectory): readonly WorkerReport[] =>
  disk
    .list(run.workers)
    .filter((name) => /^rank-\d+\.joined\.json$/.test(name))
    .flatMap((name) => parseJson(disk.readTextIfAny(join(run.workers, name)) ?? '', isJoined) ?? [])
    .map(({ rank, host, fileSystem, clockSkewMs }) => ({ rank, host, fileSystem, clockSkewMs }))
    .sort((a, b) => a.rank - b.rank);

const isJoined = (value: unknown): value is Joined =>
  isIdentity(value) && 'rank' in value && 'fileSystem' in value && 'clockSkewMs' in value;

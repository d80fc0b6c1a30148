import { join } from 'node:path';
import { messageOf } from '../../shared/contracts/errors.ts';
import { signalExitCode } from '../../shared/contracts/exit-code.ts';
import { isJsonObject, parseJson } from '../../shared/contracts/json.ts';
import { codeOf, type Disk } from '../../shared/platform/disk.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { FileToLink } from '../group/guardian.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';
import type { OwnFailure } from '../outcome/own-failure.ts';
import { isNodeFailure, isRootCauseFinal, type NodeFailure, type NodeRecords, rootCause } from '../outcome/root-cause.ts';

/** How the nodes of a run learn that one of them has failed, and agree on which was to blame: by files in the run directory. */
export interface FailureExchange {
  /** Says at once that this node has failed, unless another was first. Never throws. */
  announce(failure: OwnFailure): void;
  /** Calls back once when another node was the first to fail, unless the returned function is called first. */
  follow(onFailure: (failure: NodeFailure) => void): () => void;
  /** Says what became of this node, whose ranks have all ended. To be called once. Never throws. */
  settle(failure: OwnFailure | undefined): void;
  /**
   * The root cause of a run that has failed; undefined where nobody could say. Waits for what other nodes settle, but not
   * longer than their ranks may take to end.
   */
  rootCause(): Promise<NodeFailure | undefined>;
  /** What this node's launcher would say if it were killed. */
  readonly lastWords: readonly FileToLink[];
}

/** Which node of how many, and how long their ranks may take to end. */
export interface NodeOfRun {
  readonly runPath: string;
  readonly node: number;
  readonly nodeCount: number;
  readonly graceMs: number;
}

/** A shared file system does not tell of changes that another machine has made. */
const LOOK_EVERY_MS = 250;

/** What a launcher needs to conclude that its ranks have ended. */
const CONCLUDING_MS = 1000;

/** A message of any length fits into a record of this many bytes: a control character takes six in JSON. */
const RECORD_BYTES = 4096;
const MESSAGE_LENGTH = 500;

const FIRST = 'failure.json';
const settledName = (node: number): string => `settled_${node}.json`;

/**
 * Opens the exchange of one node. Its records are written in full size before anything can fail, and only written over and
 * linked later: that takes no space on a full disk, and a record appears whole. Throws where there is no space now.
 */
export function openFailureExchange(surroundings: LaunchSurroundings, nodeOfRun: NodeOfRun): FailureExchange {
  const { platform, interruption, tell } = surroundings;
  const { disk, clock } = platform;
  const { runPath, node, nodeCount, graceMs } = nodeOfRun;
  const announcing = { from: join(runPath, `announcing_${node}.json`), to: join(runPath, FIRST) };
  const settling = { from: join(runPath, `settling_${node}.json`), to: join(runPath, settledName(node)) };
  for (const { from } of [announcing, settling]) disk.write(from, recordOf(node, KILLED));

  const put = ({ from, to }: FileToLink, failure: OwnFailure | undefined): void => {
    try {
      disk.overwrite(from, recordOf(node, failure));
      disk.linkIfFree(from, to);
    } catch (thrown) {
      tell(warning(`the other nodes could not be told of the failure: ${messageOf(thrown)}`));
    }
  };
  const read = (): NodeRecords | undefined => readRecords(disk, runPath, nodeCount);

  return {
    announce: (failure) => put(announcing, failure),
    follow: (onFailure) =>
      lookFor(platform, runPath, onFailure, () => {
        const first = read()?.first;
        return first?.node === node ? undefined : first;
      }),
    settle: (failure) => {
      put(settling, failure);
      // Nothing that a guardian could still say of this node would be true.
      for (const { from } of [announcing, settling]) ifPossible(() => disk.removeFile(from));
    },
    rootCause: () =>
      new Promise((resolve) => {
        const end = (records: NodeRecords | undefined): void => {
          for (const silence of silences) silence();
          resolve(records === undefined ? undefined : rootCause(records));
        };
        const giveUp = (): void => end(read());
        const silences = [interruption.subscribe(giveUp), clock.after(graceMs + CONCLUDING_MS, giveUp)];
        const final = (): NodeRecords | undefined => {
          const records = read();
          return records !== undefined && isRootCauseFinal(records, nodeCount) ? records : undefined;
        };
        if (read() === undefined) giveUp();
        else silences.push(lookFor(platform, runPath, end, final));
      }),
    lastWords: [announcing, settling],
  };
}

const KILLED: OwnFailure = {
  ...{ kind: 'launcher-failed', rank: null, what: 'its launcher was killed', exitCode: signalExitCode('SIGKILL') },
  lostPeer: false,
};

/** One line, and blanks up to the full size. */
function recordOf(node: number, failure: OwnFailure | undefined): string {
  const own = failure === undefined ? null : { node, ...failure, what: failure.what.slice(0, MESSAGE_LENGTH) };
  const text = JSON.stringify({ failure: own });
  return `${text}${' '.repeat(Math.max(0, RECORD_BYTES - 1 - Buffer.byteLength(text)))}\n`;
}

interface NodeRecord {
  readonly failure: NodeFailure | null;
}

const isRecord = (read: unknown): read is NodeRecord =>
  isJsonObject(read) && (read['failure'] === null || isNodeFailure(read['failure']));

/** A shared file system may be away for a while: that proves nothing about anybody. */
const recordIn = (disk: Disk, path: string): NodeRecord | undefined =>
  ifPossible(() => parseJson(disk.readTextIfAny(path) ?? '', isRecord));

/** Undefined where no node has failed. A listing first, because network file systems remember that a name was missing. */
function readRecords(disk: Disk, runPath: string, nodeCount: number): NodeRecords | undefined {
  const names = ifPossible(() => disk.list(runPath)) ?? [];
  const failureIn = (name: string): NodeRecord['failure'] | undefined =>
    names.includes(name) ? recordIn(disk, join(runPath, name))?.failure : undefined;
  const first = failureIn(FIRST) ?? undefined;
  if (first === undefined) return undefined;
  const settled = new Map<number, NodeFailure | null>();
  for (let node = 0; node < nodeCount; node += 1) {
    const failure = failureIn(settledName(node));
    if (failure !== undefined) settled.set(node, failure);
  }
  return { first, settled };
}

/** Looks into a directory until something is found, and calls back with it once, unless the returned function is called first. */
function lookFor<T>(
  { disk, clock }: Platform,
  directory: string,
  onFound: (found: T) => void,
  find: () => T | undefined,
): () => void {
  let cancel = (): void => undefined;
  const stop = (): void => {
    watcher?.close();
    cancel();
  };
  const look = (): void => {
    const found = find();
    cancel();
    if (found === undefined) cancel = clock.after(LOOK_EVERY_MS, look);
    else {
      stop();
      onFound(found);
    }
  };
  // The last of the other nodes may remove the directory in this moment: who looks again and again needs no watch.
  const watcher = ifPossible(() => disk.watch(directory, look));
  look();
  return stop;
}

/** Undefined where the system refuses. */
function ifPossible<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return undefined;
  }
}

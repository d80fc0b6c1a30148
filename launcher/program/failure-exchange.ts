import { join } from 'node:path';
import { messageOf } from '../../shared/contracts/errors.ts';
import { signalExitCode } from '../../shared/contracts/exit-code.ts';
import { isJsonObject, parseJson } from '../../shared/contracts/json.ts';
import { codeOf, type Disk } from '../../shared/platform/disk.ts';
import type { FileToWrite } from '../group/guardian.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';

/** Why the ranks of a node end before their time, as the other nodes of the run are told. */
export interface NodeFailure {
  readonly node: number;
  /** Null where no rank was the cause. */
  readonly rank: number | null;
  /** What happened there, in words: "rank 3 exited with code 7". */
  readonly what: string;
  /** The run's, on every node. */
  readonly exitCode: number;
}

/** How the nodes of a run learn that one of them has failed: the first of them leaves one file in the run directory. */
export interface NodeFailures {
  /** Says that this node has failed, unless another was first. Never throws. */
  announce(failure: Omit<NodeFailure, 'node'>): void;
  /** That of another node, if it was the first to fail. */
  elsewhere(): NodeFailure | undefined;
  /** Calls back once when another node has failed, unless the returned function is called first. */
  follow(onFailure: (failure: NodeFailure) => void): () => void;
  /** What this node's launcher would announce if it were killed. */
  readonly lastWords: FileToWrite;
}

/** A shared file system does not tell of changes that another machine has made. */
const LOOK_EVERY_MS = 250;

/** Opens the exchange of one node. */
export function nodeFailures(
  { platform: { disk, clock }, tell }: LaunchSurroundings,
  runPath: string,
  node: number,
): NodeFailures {
  const path = join(runPath, 'failure.json');
  const write = (failure: Omit<NodeFailure, 'node'>): string => `${JSON.stringify({ node, ...failure })}\n`;

  const read = (): string => {
    try {
      return disk.readTextIfAny(path) ?? '';
    } catch {
      // A shared file system may be away for a while: that proves nothing about anybody.
      return '';
    }
  };
  const elsewhere = (): NodeFailure | undefined => {
    const failure = parseJson(read(), isNodeFailure);
    return failure?.node === node ? undefined : failure;
  };

  return {
    announce: (failure) => {
      try {
        disk.create(path, write(failure));
      } catch (thrown) {
        if (codeOf(thrown) !== 'EEXIST') tell(warning(`the other nodes could not be told of the failure: ${messageOf(thrown)}`));
      }
    },
    elsewhere,
    follow: (onFailure) => {
      let cancel = (): void => undefined;
      const stop = (): void => {
        watcher?.close();
        cancel();
      };
      const look = (): void => {
        const failure = elsewhere();
        cancel();
        if (failure === undefined) cancel = clock.after(LOOK_EVERY_MS, look);
        else {
          stop();
          onFailure(failure);
        }
      };
      const watcher = watchIfAny(disk, runPath, look);
      look();
      return stop;
    },
    lastWords: { path, text: write({ rank: null, what: 'its launcher was killed', exitCode: signalExitCode('SIGKILL') }) },
  };
}

/** The last of the other nodes may remove the directory in this moment: who looks again and again needs no watch. */
function watchIfAny(disk: Disk, path: string, look: () => void): ReturnType<Disk['watch']> {
  try {
    return disk.watch(path, look);
  } catch {
    return undefined;
  }
}

const isNodeFailure = (read: unknown): read is NodeFailure =>
  isJsonObject(read) &&
  typeof read['node'] === 'number' &&
  (read['rank'] === null || typeof read['rank'] === 'number') &&
  typeof read['what'] === 'string' &&
  typeof read['exitCode'] === 'number';

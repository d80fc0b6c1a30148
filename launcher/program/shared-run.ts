import { join } from 'node:path';
import { usageError } from '../../shared/contracts/errors.ts';
import { codeOf, type Disk } from '../../shared/platform/disk.ts';
import type { NodePlacement } from './program-request.ts';

const MARK = 'node_';
const TRIES = 5;

/** What all nodes of a run must have alike. */
export type NodeShape = Pick<NodePlacement, 'localWorldSize' | 'nodeCount'>;

/**
 * Says that a node takes part in a run. Throws CKPT_USAGE when it has before, for what that run left would be met at the
 * barriers, and when another node was told of another world.
 */
export function enterSharedRun(disk: Disk, runPath: string, node: number, shape: NodeShape): void {
  for (let tries = 1; ; tries += 1) {
    disk.makeDirectory(runPath);
    try {
      disk.create(join(runPath, `${MARK}${node}`), spelled(shape));
      break;
    } catch (thrown) {
      if (codeOf(thrown) === 'EEXIST') {
        const hint = `Choose another --rdzv-id, on all nodes, or remove ${runPath}.`;
        throw usageError(`--rdzv-id: node ${node} has run under this name before, or runs now`, hint);
      }
      // A node that was alone so far removes the directory in this moment.
      if (codeOf(thrown) !== 'ENOENT' || tries === TRIES) throw thrown;
    }
  }
  refuseOtherWorld(disk, runPath, node, shape);
}

const spelled = ({ localWorldSize, nodeCount }: NodeShape): string => `--nproc-per-node ${localWorldSize}, --nnodes ${nodeCount}`;

/** Of two that enter at once, at least the later one sees what the other wrote. */
function refuseOtherWorld(disk: Disk, runPath: string, node: number, shape: NodeShape): void {
  for (const name of marksIn(disk, runPath)) {
    const other = disk.readTextIfAny(join(runPath, name)) ?? '';
    if (other === '' || other === spelled(shape)) continue;
    disk.removeFile(join(runPath, `${MARK}${node}`));
    const hint = 'Give all nodes the same --nproc-per-node and --nnodes.';
    throw usageError(`${spelled(shape)}: node ${name.slice(MARK.length)} of this run has ${other}, expected the same`, hint);
  }
}

/** Says that a node no longer needs the run directory; the last one removes it. */
export function leaveSharedRun(disk: Disk, runPath: string, node: number): void {
  disk.removeFile(join(runPath, `${MARK}${node}`));
  if (hasNodes(disk, runPath)) return;
  const leaving = `${runPath}.left-by-${node}`;
  if (!renamed(disk, runPath, leaving)) return;
  // A node that has entered in this moment gets it back; one that comes now makes a new one.
  if (hasNodes(disk, leaving) && renamed(disk, leaving, runPath)) return;
  disk.removeTree(leaving);
}

const hasNodes = (disk: Disk, path: string): boolean => marksIn(disk, path).length > 0;

const marksIn = (disk: Disk, path: string): readonly string[] => disk.list(path).filter((name) => name.startsWith(MARK));

/** False where another node was faster. */
function renamed(disk: Disk, from: string, to: string): boolean {
  try {
    disk.rename(from, to);
    return true;
  } catch (thrown) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(codeOf(thrown) ?? '')) throw thrown;
    return false;
  }
}

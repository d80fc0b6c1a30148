import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { enterSharedRun, leaveSharedRun } from '../../../launcher/program/shared-run.ts';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const SHAPE = { localWorldSize: 2, nodeCount: 2 };

const runPath = (): string => join(temporaryDirectory(), 'job');

test('the last node to leave removes the run directory', () => {
  const path = runPath();
  for (const node of [0, 1]) enterSharedRun(nodeDisk, path, node, SHAPE);
  leaveSharedRun(nodeDisk, path, 1);
  expect(existsSync(path)).toBe(true);
  leaveSharedRun(nodeDisk, path, 0);
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('a node that enters when the last one has looked keeps the run directory, and what it has put there', () => {
  const path = runPath();
  enterSharedRun(nodeDisk, path, 0, SHAPE);
  let hasEntered = false;
  const list: Disk['list'] = (directory) => {
    const names = nodeDisk.list(directory);
    if (!hasEntered) {
      hasEntered = true;
      enterSharedRun(nodeDisk, path, 1, SHAPE);
      writeFileSync(join(path, 'of node 1'), '');
    }
    return names;
  };
  leaveSharedRun({ ...nodeDisk, list }, path, 0);
  expect(readdirSync(path).sort()).toEqual(['node_1', 'of node 1']);
});

test('a node that enters when the last one removes the directory makes a new one', () => {
  const path = runPath();
  mkdirSync(path);
  let isGone = false;
  const makeDirectory: Disk['makeDirectory'] = (directory) => {
    const isMade = nodeDisk.makeDirectory(directory);
    if (!isGone) rmSync(path, { recursive: true });
    isGone = true;
    return isMade;
  };
  enterSharedRun({ ...nodeDisk, makeDirectory }, path, 1, SHAPE);
  expect(readdirSync(path)).toEqual(['node_1']);
});

test('a node that was told of another world is refused, and leaves nothing', () => {
  const path = runPath();
  enterSharedRun(nodeDisk, path, 0, SHAPE);
  expect(() => enterSharedRun(nodeDisk, path, 1, { ...SHAPE, localWorldSize: 3 })).toThrow(
    '--nproc-per-node 3, --nnodes 2: node 0 of this run has --nproc-per-node 2, --nnodes 2, expected the same',
  );
  expect(readdirSync(path)).toEqual(['node_0']);
});

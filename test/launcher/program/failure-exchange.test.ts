import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { noInterruption } from '../../../launcher/interruption.ts';
import { type NodeFailure, type NodeFailures, nodeFailures } from '../../../launcher/program/node-failure.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const SEVEN = { rank: 3, what: 'rank 3 exited with code 7', exitCode: 7 };
const EIGHT = { rank: 0, what: 'rank 0 exited with code 8', exitCode: 8 };

/** Two nodes that share a directory. */
function nodes(isWatched = true): {
  readonly directory: string;
  readonly both: readonly [NodeFailures, NodeFailures];
  readonly told: string[];
} {
  const directory = temporaryDirectory();
  const platform = nodePlatform();
  const disk = isWatched ? platform.disk : { ...platform.disk, watch: () => undefined };
  const told: string[] = [];
  const tell = ({ text }: { readonly text: string }): void => void told.push(text);
  const surroundings = {
    ...{
      platform: { ...platform, disk },
      environment: {},
      interruption: noInterruption,
      primaryOutput: 'inherit' as const,
      tell,
    },
  };
  return { directory, both: [nodeFailures(surroundings, directory, 0), nodeFailures(surroundings, directory, 1)], told };
}

function heardBy(node: NodeFailures): Promise<NodeFailure> {
  return new Promise((resolve) => {
    const stop = node.follow(resolve);
    onTestFinished(stop);
  });
}

test.for([true, false])('a node hears that another has failed; with a system that tells of changes: %s', async (isWatched) => {
  const { both } = nodes(isWatched);
  const heard = heardBy(both[0]);
  both[1].announce(SEVEN);
  expect(await heard).toEqual({ node: 1, ...SEVEN });
  expect(await heardBy(both[0])).toEqual({ node: 1, ...SEVEN });
});

test('the first to fail is the root cause for all', () => {
  const { both, told } = nodes();
  both[1].announce(SEVEN);
  both[0].announce(EIGHT);
  expect(both.map((node) => node.elsewhere())).toEqual([{ node: 1, ...SEVEN }, undefined]);
  expect(told).toEqual([]);
});

test('what is not wholly written yet, or no failure at all, says nothing', () => {
  const { both, directory } = nodes();
  for (const text of ['', '{"node":1,"ra', '{"node":1}']) {
    writeFileSync(join(directory, 'failure.json'), text);
    expect(both[0].elsewhere()).toBeUndefined();
  }
});

test('a launcher that is killed has its last words read as a failure', () => {
  const { both } = nodes();
  writeFileSync(both[1].lastWords.path, both[1].lastWords.text);
  expect(both[0].elsewhere()).toEqual({ node: 1, rank: null, what: 'its launcher was killed', exitCode: 137 });
});

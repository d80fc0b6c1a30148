import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { noInterruption } from '../../../launcher/interruption.ts';
import type { OwnFailure } from '../../../launcher/outcome/own-failure.ts';
import type { NodeFailure } from '../../../launcher/outcome/root-cause.ts';
import { type FailureExchange, openFailureExchange } from '../../../launcher/program/failure-exchange.ts';
import type { Clock } from '../../../shared/platform/clock.ts';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const SEVEN: OwnFailure = { kind: 'rank-failed', rank: 3, what: 'rank 3 exited with code 7', exitCode: 7, lostPeer: false };
const EIGHT: OwnFailure = { kind: 'rank-failed', rank: 0, what: 'rank 0 exited with code 8', exitCode: 8, lostPeer: false };

/** Two nodes that share a directory. */
function nodes({ disk = {}, clock = {} }: { readonly disk?: Partial<Disk>; readonly clock?: Partial<Clock> } = {}): {
  readonly directory: string;
  readonly both: readonly [FailureExchange, FailureExchange];
  readonly told: string[];
} {
  const directory = temporaryDirectory();
  const platform = nodePlatform();
  const told: string[] = [];
  const surroundings = {
    platform: { ...platform, disk: { ...platform.disk, ...disk }, clock: { ...platform.clock, ...clock } },
    environment: {},
    interruption: noInterruption,
    primaryOutput: 'inherit' as const,
    tell: ({ text }: { readonly text: string }): void => void told.push(text),
  };
  const open = (node: number): FailureExchange =>
    openFailureExchange(surroundings, { runPath: directory, node, nodeCount: 2, graceMs: 20_000 });
  return { directory, both: [open(0), open(1)], told };
}

function heardBy(node: FailureExchange): Promise<NodeFailure> {
  return new Promise((resolve) => {
    onTestFinished(node.follow(resolve));
  });
}

test.for([
  ['by a watch', { clock: { after: () => () => undefined } }],
  ['by looking, where the system tells of no changes', { disk: { watch: () => undefined } }],
] as const)('a node hears that another has failed %s', async ([, surroundings]) => {
  const { both } = nodes(surroundings);
  const heard = heardBy(both[0]);
  both[1].announce(SEVEN);
  expect(await heard).toEqual({ node: 1, ...SEVEN });
  expect(await heardBy(both[0])).toEqual({ node: 1, ...SEVEN });
});

test('a full disk keeps no failure from the others, nor what was settled', async () => {
  let isFull = false;
  const full = (work: Disk['write']): Disk['write'] => {
    return (path, content) => {
      // The name still fits, as it does on a real one.
      work(path, isFull ? '' : content);
      if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
  };
  const { both, told } = nodes({ disk: { write: full(nodeDisk.write), create: full(nodeDisk.create) } });
  isFull = true;
  const long = { ...SEVEN, what: '\u0001'.repeat(10_000) };
  both[1].announce(long);
  expect(await heardBy(both[0])).toMatchObject({ node: 1, exitCode: 7 });
  both[1].settle(long);
  expect(await both[0].rootCause()).toMatchObject({ node: 1, exitCode: 7 });
  expect(told).toEqual([]);
});

test('what was settled is the root cause for all, whatever was announced first', async () => {
  const { both, told } = nodes();
  both[1].announce(EIGHT);
  both[0].announce(EIGHT);
  both[0].settle(EIGHT);
  const before = both[0].rootCause();
  both[1].settle(SEVEN);
  expect(await Promise.all([before, both[1].rootCause()])).toEqual([
    { node: 1, ...SEVEN },
    { node: 1, ...SEVEN },
  ]);
  expect(told).toEqual([]);
});

test('a node that only lost its connection waits for what the others settle, and then only so long', async () => {
  const { both } = nodes();
  both[0].announce(EIGHT);
  both[0].settle({ ...EIGHT, lostPeer: true });
  const cause = both[0].rootCause();
  both[1].settle(SEVEN);
  expect(await cause).toEqual({ node: 1, ...SEVEN });

  const { both: alone } = nodes({ clock: { after: (_delay, callback) => nodePlatform().clock.after(0, callback) } });
  alone[0].announce(EIGHT);
  alone[0].settle({ ...EIGHT, lostPeer: true });
  expect(await alone[0].rootCause()).toEqual({ node: 0, ...EIGHT, lostPeer: true });
});

test('what is no failure says nothing', async () => {
  const { both, directory } = nodes();
  const failure = { node: 1, ...SEVEN };
  const wrong = [{}, { ...failure, exitCode: 0 }, { ...failure, exitCode: 256 }, { ...failure, exitCode: 1.5 }];
  for (const text of [
    '',
    '{"failure":',
    ...[...wrong, { ...failure, kind: 'x' }].map((each) => JSON.stringify({ failure: each })),
  ]) {
    writeFileSync(join(directory, 'failure.json'), text);
    expect(await both[0].rootCause()).toBeUndefined();
  }
});

test('a launcher that is killed has its last words taken for its failure, if it has not settled', async () => {
  const { both, directory } = nodes();
  for (const { from, to } of both[1].lastWords) nodeDisk.linkIfFree(from, to);
  expect(await both[0].rootCause()).toEqual({
    ...{ node: 1, kind: 'launcher-failed', rank: null, what: 'its launcher was killed', exitCode: 137, lostPeer: false },
  });
  both[0].settle(undefined);
  expect(readdirSync(directory).filter((name) => name.endsWith('_0.json'))).toEqual(['settled_0.json']);
});

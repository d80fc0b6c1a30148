import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import type { Barrier } from '../../shared/contracts/barrier.ts';
import { openFileBarrier } from '../../shared/platform/barrier/file-barrier.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { type CommandResult, runCommand, temporaryDirectory } from '../e2e/run-command.ts';

const journal = { append: () => undefined };

function openRank0(directory: string, timeoutMs: number): Barrier {
  const options = { platform: nodePlatform(), directory, rank: 0, worldSize: 2, timeoutMs, journal };
  const barrier = openFileBarrier(options);
  onTestFinished(() => barrier.close());
  return barrier;
}

/** Rank 1 of 2 as docs/protocol.md shows it: it knows the page and none of our code. */
const runClient = (directory: string, timeoutMs: number, names: readonly string[]): Promise<CommandResult> => {
  const program = join(ROOT, 'docs', 'examples', 'barrier-client.mjs');
  return runCommand(process.execPath, [program, directory, '1', '2', String(timeoutMs), ...names]);
};

test('a client written from the page meets ours', async () => {
  const directory = temporaryDirectory();
  const names = ['start', 'größer', 'a/b', 'save@25:written', 'end'];
  const client = runClient(directory, 20_000, names);
  const barrier = openRank0(directory, 20_000);
  const met: unknown[] = [];
  for (const [sequence, name] of names.entries()) met.push(await barrier.wait(name, { from: 0, sequence }));
  expect(met).toEqual(
    names.map((_, sequence) => [
      { from: 0, sequence },
      { from: 1, sequence },
    ]),
  );
  const { code, stdout } = await client;
  expect(stdout.trimEnd().split('\n').map((line) => JSON.parse(line).payloads)).toEqual(met); // biome-ignore format: short
  expect(code).toBe(0);
});

test('it obeys when ranks disagree, and so do we', async () => {
  const directory = temporaryDirectory();
  const client = runClient(directory, 20_000, ['here']);
  await expect(openRank0(directory, 20_000).wait('there')).rejects.toMatchObject({ code: 'CKPT_BARRIER_MISMATCH' });
  expect(await client).toMatchObject({ code: 124, stdout: expect.stringContaining('"reason":"mismatch"') });
});

test('we obey when it gives up', async () => {
  const directory = temporaryDirectory();
  expect(await runClient(directory, 50, ['lonely'])).toMatchObject({ code: 124, stdout: expect.stringContaining('"timeout"') });
  await expect(openRank0(directory, 20_000).wait('lonely')).rejects.toMatchObject({
    code: 'CKPT_BARRIER_TIMEOUT',
    evidence: { missing: 'rank 0', decidedBy: 1 },
  });
});

import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import { makeDirectories } from '../../../launcher/output-directory/made-directories.ts';
import { claimOutputDirectory, type OutputDirectory } from '../../../launcher/output-directory/output-directory.ts';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { deadHolder } from '../../shared/platform/lease/lease-directory.ts';

let place = '';
let state = '';

beforeEach(() => {
  place = temporaryDirectory();
  state = join(place, 'deep/out/.ckpt-run');
});

const claim = (disk: Partial<Disk> = {}): Promise<OutputDirectory> =>
  claimOutputDirectory(
    { ...nodePlatform(), disk: { ...nodeDisk, ...disk } },
    {
      ...{ wanted: join(place, 'deep/out'), temporaryRoot: place, overwrite: false, scenarios: ['basic'], runId: 'mine' },
      ...{ warn: () => undefined, onLeaseLost: () => undefined },
    },
  );

/** As after a success. */
const end = (output: OutputDirectory): Promise<void> => {
  output.clear();
  return output.release();
};

const paths = (): readonly string[] => readdirSync(place, { recursive: true, encoding: 'utf8' }).sort();

test('what was made for a run goes with it, and what was there before stays', async () => {
  await end(await claim());
  expect(paths()).toEqual([]);
  mkdirSync(state, { recursive: true });
  await end(await claim());
  expect(paths()).toEqual(['deep', 'deep/out', 'deep/out/.ckpt-run']);
});

test('what a run made that was then refused goes with the one that was faster', async () => {
  // The other run makes the directory between our look and our own attempt.
  const makeDirectory: Disk['makeDirectory'] = (path) => {
    if (path === state) makeDirectories(nodeDisk, state, place);
    return nodeDisk.makeDirectory(path);
  };
  const output = await claim({ makeDirectory });
  await expect(claim()).rejects.toMatchObject({ code: 'CKPT_OUTPUT_IN_USE' });
  await end(output);
  expect(paths()).toEqual([]);
});

test('a directory that another run gives back before our lease is in it is made again', async () => {
  let times = 0;
  const write: Disk['write'] = (path, content) => {
    times += 1;
    if (times <= 4) rmSync(join(place, 'deep'), { recursive: true });
    nodeDisk.write(path, content);
  };
  const output = await claim({ write });
  expect(output.isOurs()).toBe(true);
  await end(output);
  expect(paths()).toEqual([]);
});

test('a directory that is used by the next run already is left to that', async () => {
  const first = await claim();
  const second: OutputDirectory[] = [];
  const release = end(first);
  // Giving back takes a moment: the next run is refused until the record of the first is gone.
  for (; second.length === 0; await turn()) {
    await claim().then(
      (output) => second.push(output),
      () => undefined,
    );
  }
  await release;
  for (const output of second) await end(output);
  expect(paths()).toEqual([]);
});

test('a failure leaves nothing that was made', async () => {
  const linkIfFree = (): never => {
    throw new Error('no links');
  };
  await expect(claim({ linkIfFree })).rejects.toMatchObject({ code: 'CKPT_OUTPUT_UNUSABLE' });
  expect(paths()).toEqual([]);
});

test('what a dead run was in the middle of is finished, and nothing else is touched', async () => {
  const put = (path: string, text = ''): void => {
    mkdirSync(join(place, path, '..'), { recursive: true });
    writeFileSync(join(place, path), text);
  };
  const files = [{ path: 'model.safetensors', bytes: 0, sha256: 'aa', rank: 0 }];
  const manifest = JSON.stringify({ format: 'ckpt-run-checkpoint', version: 1, runId: 'dead', step: 25, files });
  const kept = [
    ...[
      'basic/.checkpoint-75.tmp-other-0/model.safetensors',
      'spike/checkpoint-25/manifest.json',
      'spike/checkpoint-25/notes.txt',
    ],
    ...['.ckpt-run/dead/attempt_0/plan.json', 'Their Own/.checkpoint-50.tmp-dead-0/model.safetensors'],
  ];
  for (const path of kept) put(`deep/out/${path}`, path.endsWith('manifest.json') ? manifest : '');
  put('deep/out/basic/.checkpoint-75.tmp-dead-0/model.safetensors');
  for (const name of ['model.safetensors', 'manifest.json']) put(`deep/out/spike/.trash-dead/checkpoint-50/${name}`, manifest);
  put('deep/out/.ckpt-run/lease.owner.json', JSON.stringify({ ...deadHolder(), runId: 'dead' }));
  // Somebody's own place, which a link leads to, is not the dead run's.
  put('theirs/.checkpoint-50.tmp-dead-0/model.safetensors');
  symlinkSync(join(place, 'theirs'), join(place, 'deep/out/mine'));

  await end(await claim());
  const left = paths().filter((path) => /\.(safetensors|json|txt)$/.test(path) && !path.startsWith('deep/out/mine'));
  expect(left).toEqual([...kept.map((path) => `deep/out/${path}`), 'theirs/.checkpoint-50.tmp-dead-0/model.safetensors'].sort());
});

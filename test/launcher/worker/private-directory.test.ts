import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { privateDirectory } from '../../../launcher/worker/private-directory.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const place = {
  engine: 'torchrun',
  rank: 0,
  worldSize: 2,
  localRank: 0,
  localWorldSize: 2,
  groupRank: 0,
  runId: 'r',
  attempt: 0,
};

function torchrunsDirectory(mode: number): { readonly path: string; readonly environment: Record<string, string> } {
  const path = join(temporaryDirectory(), 'none_ab');
  mkdirSync(join(path, 'attempt_0', '0'), { recursive: true });
  chmodSync(path, mode);
  return { path, environment: { GROUP_WORLD_SIZE: '1', TORCHELASTIC_ERROR_FILE: join(path, 'attempt_0', '0', 'error.json') } };
}

test('without --output-dir ranks meet below what torchrun made for the attempt', () => {
  const { path, environment } = torchrunsDirectory(0o700);
  expect(privateDirectory(nodePlatform(), place, environment)).toBe(join(path, 'attempt_0', 'ckpt-run'));
});

test('a directory that others can enter is refused', () => {
  const { environment } = torchrunsDirectory(0o755);
  expect(() => privateDirectory(nodePlatform(), place, environment)).toThrow(
    /^--output-dir: nothing given, and \S+none_ab, which torchrun made, has mode 755 where 700 is expected$/,
  );
});

test("so is another user's", () => {
  const { environment } = torchrunsDirectory(0o700);
  const platform = { ...nodePlatform(), uid: nodePlatform().uid + 1 };
  expect(() => privateDirectory(platform, place, environment)).toThrow(/none_ab, which torchrun made, is another user's$/);
});

test.for([
  ['several machines', { GROUP_WORLD_SIZE: '2' }, 'the workers of torchrun have no other directory in common'],
  [
    'a directory that is gone',
    { TORCHELASTIC_ERROR_FILE: '/nowhere/none_x/attempt_0/0/error.json' },
    'there is no /nowhere/none_x',
  ],
  ['a path of another shape', { TORCHELASTIC_ERROR_FILE: '/tmp/error.json' }, 'have no other directory in common'],
] as const)('%s have none', ([, other, message]) => {
  const { environment } = torchrunsDirectory(0o700);
  expect(() => privateDirectory(nodePlatform(), place, { ...environment, ...other })).toThrow(message);
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { openRankProgress } from '../../../shared/platform/rank-progress.ts';
import { runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const START = `${JSON.stringify({ type: 'rank:started', rank: 0, pid: 77, host: 'here' })}\n`;

function world(
  io: () => string | undefined,
  host = 'here',
): { readonly of: () => number; readonly append: (text: string) => void } {
  const run = runDirectory(temporaryDirectory());
  mkdirSync(run.journals);
  let journal = '';
  const readTextIfAny = (path: string): string | undefined => (path === '/proc/77/io' ? io() : nodeDisk.readTextIfAny(path));
  const progress = openRankProgress({ ...nodeDisk, readTextIfAny }, run, host);
  return {
    of: () => progress.of(0),
    append: (text) => {
      journal += text;
      writeFileSync(run.journal(0), journal);
    },
  };
}

test('a rank gets on when its journal grows', () => {
  const { of, append } = world(() => undefined);
  expect(of()).toBe(0);
  append(START);
  const before = of();
  expect(of()).toBe(before);
  append('{"type":"step:reached"}\n');
  expect(of()).toBeGreaterThan(before);
});

test('a rank gets on with every 64 KiB that it reads or writes, and not with less', () => {
  let bytes = 0;
  const { of, append } = world(() => `rchar: ${bytes}\nwchar: ${bytes}\nsyscr: 5\n`);
  append(START);
  const before = of();
  bytes = 32 * 1024 - 1;
  expect(of()).toBe(before);
  bytes += 1;
  expect(of()).toBe(before + 1);
});

test("what another host's process of the same pid reads says nothing", () => {
  const { of, append } = world(() => 'rchar: 99999999\nwchar: 0\n', 'elsewhere');
  append(START);
  expect(of()).toBe(START.length);
});

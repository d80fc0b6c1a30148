import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { writeBeat } from '../../../shared/platform/heartbeat/beat-file.ts';
import { openRankProgress } from '../../../shared/platform/rank-progress.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const START = `${JSON.stringify({ type: 'rank:started', rank: 0, pid: 77, host: 'here' })}\n`;

function world(
  io: () => string | undefined,
  host = 'here',
): { readonly of: () => number; readonly append: (text: string) => void; readonly run: RunDirectory } {
  const run = runDirectory(temporaryDirectory());
  mkdirSync(run.journals);
  let journal = '';
  const readTextIfAny = (path: string): string | undefined => (path === '/proc/77/io' ? io() : nodeDisk.readTextIfAny(path));
  const progress = openRankProgress({ ...nodeDisk, readTextIfAny }, run, host);
  return {
    run,
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

test('what its watcher reads and writes is no progress, nor is a beat between two looks', () => {
  let bytes = 100 * 1024;
  const { of, append, run } = world(() => `rchar: ${bytes}\nwchar: 0\n`);
  const beat = (ownBytes: number): void => {
    const times = { wallMs: 0, monotonicMs: 0, bootMs: 0, lagMs: 0 };
    writeBeat(nodeDisk, run.heartbeat(0), { beat: 1, ...times, step: 0, ownBytes });
  };
  append(START);
  const before = of();
  bytes += 1024 * 1024;
  beat(1024 * 1024);
  expect(of()).toBe(before);
  beat(1024 * 1024 + 64 * 1024);
  expect(of()).toBe(before);
  beat(1024 * 1024);
  expect(of()).toBe(before);
  bytes += 64 * 1024;
  expect(of()).toBe(before + 1);
});

test("what another host's process of the same pid reads says nothing", () => {
  const { of, append } = world(() => 'rchar: 99999999\nwchar: 0\n', 'elsewhere');
  append(START);
  expect(of()).toBe(START.length);
});

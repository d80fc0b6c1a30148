import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { writeBeat } from '../../../shared/platform/heartbeat/beat-file.ts';
import { openRankProgress } from '../../../shared/platform/rank-progress.ts';
import { announceVisit } from '../../../shared/platform/rank-visits.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const VISITORS = [process.pid, process.ppid];
const VISITOR = { disk: nodeDisk, pid: process.pid };
const START = `${JSON.stringify({ type: 'rank:started', rank: 0, pid: 77, host: 'here' })}\n`;

function world(
  io: () => string | undefined,
  host = 'here',
  children: Readonly<Record<number, string>> = {},
): { readonly of: () => number; readonly append: (text: string) => void; readonly run: RunDirectory } {
  const run = runDirectory(temporaryDirectory());
  mkdirSync(run.journals);
  let journal = '';
  const proc = (path: string): string | undefined => {
    const [, pid, file] = /^\/proc\/(\d+)\/(.*)$/.exec(path) ?? [];
    const bytes = pid === '77' ? io() : children[Number(pid)];
    if (pid === undefined || VISITORS.includes(Number(pid))) return nodeDisk.readTextIfAny(path);
    if (file === 'task/77/children' && pid === '77') return Object.keys(children).join(' ');
    if (bytes === undefined || file === undefined) return undefined;
    return file === 'stat' ? `${pid} (sh) S${' 0'.repeat(20)}` : file === 'io' ? bytes : undefined;
  };
  const list = (path: string): readonly string[] => (path === '/proc/77/task' ? ['77'] : nodeDisk.list(path));
  const progress = openRankProgress({ ...nodeDisk, readTextIfAny: proc, list }, run, host);
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

test('less than 64 KiB is nothing, whatever was read and written before the first look', () => {
  let bytes = 64 * 1024 - 1;
  const { of, append } = world(() => `rchar: ${bytes}\nwchar: 0\n`);
  append(START);
  const before = of();
  bytes += 64 * 1024 - 1;
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

test('what its children read and write is progress of the rank, and is not lost when they have ended', () => {
  const children: Record<number, string> = { 78: 'rchar: 0\nwchar: 0\n' };
  const { of, append } = world(() => 'rchar: 0\nwchar: 0\n', 'here', children);
  append(START);
  const before = of();
  children[78] = `rchar: 0\nwchar: ${64 * 1024}\n`;
  expect(of()).toBe(before + 1);
  children[78] = `rchar: 0\nwchar: ${640 * 1024}\n`;
  expect(of()).toBe(before + 10);
  delete children[78];
  expect(of()).toBe(before + 10);
  children[79] = `rchar: 0\nwchar: ${64 * 1024}\n`;
  expect(of()).toBe(before + 11);
});

test('what a look at it makes it write is no progress, neither while it lasts nor afterwards; what it does then is', () => {
  let bytes = 300 * 1024;
  const { of, append, run } = world(() => `rchar: 0\nwchar: ${bytes}\n`);
  append(START);
  const before = of();
  for (const _ of [1, 2, 3]) {
    const leave = announceVisit(VISITOR, run, 0, () => bytes);
    bytes += 93 * 1024;
    expect(of()).toBe(before);
    leave();
    expect(of()).toBe(before);
  }
  bytes += 64 * 1024;
  expect(of()).toBe(before + 1);
});

test('a look that was never ended hides no more than it may have made the rank write', () => {
  let bytes = 0;
  const { of, append, run } = world(() => `rchar: 0\nwchar: ${bytes}\n`);
  append(START);
  const before = of();
  announceVisit(VISITOR, run, 0, () => bytes);
  bytes += 1024 * 1024 + 64 * 1024;
  expect(of()).toBe(before + 1);
});

test('nor is what it writes for one who looks already when its progress is first looked at', () => {
  let bytes = 5 * 1024 * 1024;
  const { of, append, run } = world(() => `rchar: 0\nwchar: ${bytes}\n`);
  append(START);
  const leave = announceVisit(VISITOR, run, 0, () => bytes);
  const before = of();
  bytes += 93 * 1024;
  leave();
  expect(of()).toBe(before);
  bytes += 64 * 1024;
  expect(of()).toBe(before + 1);
});

test('of looks at the same time each may have made it write all of it', () => {
  let bytes = 5 * 1024 * 1024;
  const { of, append, run } = world(() => `rchar: 0\nwchar: ${bytes}\n`);
  append(START);
  const before = of();
  const leaves = [VISITOR, { ...VISITOR, pid: process.ppid }].map((visitor) => announceVisit(visitor, run, 0, () => bytes));
  bytes += 93 * 1024;
  for (const leave of leaves) {
    leave();
    expect(of()).toBe(before);
  }
});

test('of a look whose visitor died before it was over nobody knows more', () => {
  let bytes = 5 * 1024 * 1024;
  const { of, append, run } = world(() => `rchar: 0\nwchar: ${bytes}\n`);
  append(START);
  announceVisit({ ...VISITOR, pid: spawnSync('true').pid }, run, 0, () => bytes);
  const before = of();
  bytes += 64 * 1024;
  expect(of()).toBe(before + 1);
});

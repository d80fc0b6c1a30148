import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Clock } from '../../../../shared/platform/clock.ts';
import { type Disk, nodeDisk } from '../../../../shared/platform/disk.ts';
import { timeLimit } from '../../../../shared/platform/inspector/time-limit.ts';
import { inTurn, visitorsIn } from '../../../../shared/platform/inspector/visits.ts';
import { processState } from '../../../../shared/platform/process-identity.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';

const OTHER = process.ppid;
const otherStart = processState({ disk: nodeDisk }, OTHER)?.startTicks ?? 0;

/** A directory in which a visitor has noted itself, and a visit of ours to the same process. */
function visitBeside(note: string, disk: Disk = nodeDisk) {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, note), '[]');
  let now = 0;
  const pauses: (() => void)[] = [];
  const clock: Clock = {
    nowMs: () => now,
    monotonicMs: () => now,
    after: (ms, callback) => {
      now += ms;
      pauses.shift()?.();
      queueMicrotask(callback);
      return () => undefined;
    },
    every: () => undefined,
  };
  const during: (readonly string[])[] = [];
  const visit = inTurn({ disk, clock, pid: process.pid }, { directory, ports: [80] }, timeLimit(clock, 500), async (noted) => {
    during.push(nodeDisk.list(directory));
    noted.inVain();
    return 'seen';
  });
  return { directory, pauses, during, visit, waitedMs: () => now };
}

test('a visitor waits until the one before has left', async () => {
  const { directory, pauses, visit, during } = visitBeside(`${OTHER}-${otherStart}`);
  pauses.push(
    () => undefined,
    () => nodeDisk.removeFile(join(directory, `${OTHER}-${otherStart}`)),
  );
  expect(await visit).toBe('seen');
  expect(during).toEqual([[expect.stringMatching(`^${process.pid}-`)]]);
});

test('one that stays too long is not disturbed, and nothing of the other stays', async () => {
  const { directory, visit, during, waitedMs } = visitBeside(`${OTHER}-${otherStart}`);
  expect(await visit).toEqual({ notSeen: 'another inspection is under way' });
  expect([during, nodeDisk.list(directory)]).toEqual([[], [`${OTHER}-${otherStart}`]]);
  expect(waitedMs()).toBe(500);
});

test('a visitor that has died does not count, be its pid another one by now', async () => {
  const { directory, visit, waitedMs } = visitBeside(`${OTHER}-${otherStart - 1}`);
  expect(await visit).toBe('seen');
  expect(waitedMs()).toBe(0);
  // For the process, which closes its inspector: what was in vain, and what a dead one left.
  expect(visitorsIn(nodeDisk, directory).map(({ isThere, ports }) => [isThere, ports])).toEqual(
    expect.arrayContaining([
      [false, []],
      [false, [80]],
    ]),
  );
});

test('where a visit cannot be noted, nobody is visited', async () => {
  const write = (): never => {
    throw new Error('EROFS');
  };
  const { visit, during } = visitBeside('other', { ...nodeDisk, write });
  expect(await visit).toEqual({ notSeen: 'the visit cannot be noted: EROFS' });
  expect(during).toEqual([]);
});

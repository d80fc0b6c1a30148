import { expect, test } from 'vitest';
import type { Clock } from '../../../../shared/platform/clock.ts';
import { type Disk, nodeDisk } from '../../../../shared/platform/disk.ts';
import { readBeat } from '../../../../shared/platform/heartbeat/beat-file.ts';
import { openHeart } from '../../../../shared/platform/heartbeat/heart.ts';
import { beater, type Pulse } from '../../../../shared/platform/heartbeat/pulse.ts';
import { runDirectory } from '../../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';

/** A heart whose event loop turns when the test says so, and whose watcher beats when it is called. */
function heartRig(disk: Disk = nodeDisk) {
  const path = runDirectory(temporaryDirectory()).heartbeat(0);
  const turns: (() => void)[] = [];
  let now = 0;
  const clock: Clock = {
    nowMs: () => 1_000_000 + now,
    monotonicMs: () => now,
    after: () => () => undefined,
    every: (_, callback) => void turns.push(callback),
  };
  const pulses: Pulse[] = [];
  const heart = openHeart({ clock, disk, path, startWatcher: (pulse) => void pulses.push(pulse) });
  const pass = (ms: number, isBlocked = false): void => {
    for (const end = now + ms; now < end; ) {
      now += 250;
      if (!isBlocked) for (const turn of turns) turn();
    }
  };
  const beat = (): void => {
    for (const pulse of pulses) beater({ clock, disk }, pulse, () => 77)();
  };
  return { heart, path, pulses, pass, beat, last: () => readBeat(nodeDisk, path) };
}

test('nobody watches a rank in its first second, and one thread does after that', () => {
  const { pass, pulses } = heartRig();
  pass(750);
  expect(pulses).toEqual([]);
  pass(5000);
  expect(pulses).toHaveLength(1);
});

test('a beat says where the rank is, and for how long its event loop has not turned', () => {
  const { heart, pass, beat, last } = heartRig();
  heart.at(75);
  pass(1000);
  beat();
  expect(last()).toMatchObject({ beat: 1, wallMs: 1_001_000, monotonicMs: 1000, bootMs: 77_000, lagMs: 0, step: 75 });
  pass(3000, true);
  beat();
  expect(last()).toMatchObject({ beat: 2, lagMs: 2750 });
  pass(250);
  beat();
  expect(last()).toMatchObject({ beat: 3, lagMs: 0 });
});

test('a disk that is full is survived, and the next beat may find room', () => {
  let isFull = true;
  const full = (): never => {
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  const disk: Disk = { ...nodeDisk, write: (path, content) => (isFull ? full() : nodeDisk.write(path, content)) };
  const { pass, beat, last } = heartRig(disk);
  pass(1000);
  beat();
  expect(last()).toBeUndefined();
  isFull = false;
  beat();
  expect(last()).toMatchObject({ beat: 2 });
  // From here on a beat needs no room.
  isFull = true;
  beat();
  expect(last()).toMatchObject({ beat: 3 });
});

test('a frozen rank beats once more, however young it is, and never again', () => {
  const { heart, pass, beat, last } = heartRig();
  heart.freeze();
  expect(last()).toMatchObject({ beat: 1, lagMs: 0 });
  pass(2000);
  beat();
  expect(last()).toMatchObject({ beat: 1 });
});

test('a rank whose clocks run ahead beats by them', () => {
  const { heart, pass, beat, last } = heartRig();
  pass(1000);
  heart.runAhead(3_600_000);
  beat();
  expect(last()).toMatchObject({ wallMs: 4_601_000, monotonicMs: 3_601_000, lagMs: 0 });
});

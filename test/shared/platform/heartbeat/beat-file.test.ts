import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeDisk } from '../../../../shared/platform/disk.ts';
import { type Beat, readBeat, readHeartbeat, writeBeat } from '../../../../shared/platform/heartbeat/beat-file.ts';
import { type RunDirectory, runDirectory } from '../../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';

const BEAT: Beat = { beat: 7, wallMs: 1_700_000_000_000, monotonicMs: 2500, bootMs: 9e9, lagMs: 40, step: 75, ownBytes: 4096 };

function newRun(): RunDirectory {
  const run = runDirectory(temporaryDirectory());
  mkdirSync(run.heartbeats);
  return run;
}

const read = (run: RunDirectory, nowMs: number, livedMs: number | null = null): ReturnType<typeof readHeartbeat> =>
  readHeartbeat(nodeDisk, run, 1, { nowMs, livedMs });

test('the last beat is read, with the age of its file, whatever the clock of the rank says', () => {
  const run = newRun();
  writeBeat(nodeDisk, run.heartbeat(1), BEAT);
  utimesSync(run.heartbeat(1), 1000, 1000);
  expect(read(run, 1_001_250)).toEqual({ ageMs: 1250, lagMs: 40, step: 75 });
  expect(readBeat(nodeDisk, run.heartbeat(1))).toMatchObject(BEAT);
});

test('beats lie one over the other in the same file, however long their numbers are', () => {
  const run = newRun();
  writeBeat(nodeDisk, run.heartbeat(1), BEAT);
  const { ino, size } = statSync(run.heartbeat(1));
  const longest = { ...BEAT, beat: 1e9, monotonicMs: 1e15, lagMs: 1e15, step: 1e12, ownBytes: 1e15 };
  writeBeat(nodeDisk, run.heartbeat(1), longest);
  expect(statSync(run.heartbeat(1))).toMatchObject({ ino, size });
  expect(readBeat(nodeDisk, run.heartbeat(1))).toMatchObject(longest);
});

test('half of a beat over another is none', () => {
  const run = newRun();
  writeBeat(nodeDisk, run.heartbeat(1), BEAT);
  const before = readFileSync(run.heartbeat(1), 'utf8');
  writeBeat(nodeDisk, run.heartbeat(1), { ...BEAT, beat: 8 });
  const after = readFileSync(run.heartbeat(1), 'utf8');
  writeFileSync(run.heartbeat(1), after.slice(0, 60) + before.slice(60));
  expect(readBeat(nodeDisk, run.heartbeat(1))).toBeUndefined();
  expect(read(run, 0)).toEqual({ notSeen: expect.stringContaining('could not write') });
});

test('a rank without a beat is too young for one, or something is the matter with it', () => {
  const run = newRun();
  expect(read(run, 0, 900)).toEqual({ notSeen: 'it has lived for less than a second' });
  expect(read(run, 0, 9000)).toEqual({ notSeen: expect.stringContaining('did not turn') });
  mkdirSync(run.heartbeat(1));
  expect(read(run, 0, 9000)).toEqual({ notSeen: expect.stringContaining('EISDIR') });
});

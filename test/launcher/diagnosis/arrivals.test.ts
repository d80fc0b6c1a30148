import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArrivals, waitedAt } from '../../../launcher/diagnosis/arrivals.ts';
import { barrierPaths } from '../../../shared/platform/barrier/barrier-paths.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { arrivalOf } from '../../shared/policy/diagnosis/hang-evidence.ts';
import { leaveBarrier, put } from './barrier-remains.ts';

test('arrivals come in rank order, and only those at the barrier that is asked for', () => {
  const run = runDirectory(temporaryDirectory());
  leaveBarrier(run, [arrivalOf(10), arrivalOf(2), arrivalOf(1, { sequence: 10 })]);
  expect(readArrivals(nodeDisk, run.barriers, 7)).toEqual([arrivalOf(2), arrivalOf(10)]);
});

test.for<[string, string]>([
  ['empty', ''],
  ['torn', '{"rank":1,'],
  ['of another kind', '{"rank":1}'],
])('an arrival that is %s is left out', ([, content]) => {
  const run = runDirectory(temporaryDirectory());
  leaveBarrier(run, [arrivalOf(0)]);
  put(barrierPaths(run.barriers).arrival(7, 1), content);
  put(join(barrierPaths(run.barriers).arrivals(7), 'something else'), '{}');
  expect(readArrivals(nodeDisk, run.barriers, 7)).toEqual([arrivalOf(0)]);
});

test('how long was waited is the time between files: whatever a rank says, and however late the launcher looks', () => {
  const run = runDirectory(temporaryDirectory());
  const { arrival, decision } = barrierPaths(run.barriers);
  const at = (path: string, seconds: number): void => utimesSync(path, seconds, seconds);
  leaveBarrier(run, [arrivalOf(0, { arrivedAtMs: 3_600_000 }), arrivalOf(1), arrivalOf(2)]);
  for (const [rank, seconds] of [1000, 1001, 500].entries()) at(arrival(7, rank), seconds);
  const asked = { sequence: 7, arrived: [0, 1] };
  expect(waitedAt(nodeDisk, run.barriers, asked, 1_004_000)).toBe(4000);
  put(decision(7), '{}');
  at(decision(7), 1003);
  expect(waitedAt(nodeDisk, run.barriers, asked, 1_900_000)).toBe(3000);
  expect(waitedAt(nodeDisk, run.barriers, { sequence: 8, arrived: [0] }, 1_004_000)).toBe(0);
});

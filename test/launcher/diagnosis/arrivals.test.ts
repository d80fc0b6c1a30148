import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArrivals } from '../../../launcher/diagnosis/arrivals.ts';
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

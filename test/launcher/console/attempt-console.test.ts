import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openAttemptConsole } from '../../../launcher/console/attempt-console.ts';
import type { OutletStreams } from '../../../launcher/console/rank-outlet.ts';
import { planStreams } from '../../../launcher/console/stream-plan.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { placesIn, rig } from './console-rig.ts';
import { choice, placement, routing } from './routing.ts';

const run =
  (script: string) =>
  ({ stdin, stdout, stderr }: OutletStreams): Promise<unknown> =>
    once(spawn('sh', ['-c', script], { stdio: [stdin === 'inherit' ? 'ignore' : stdin, stdout, stderr] }), 'exit');

test('an attempt has its output, its last lines, and an end, although a rank could not be started', async () => {
  const { console, directory, stdout, stderr } = rig();
  const streams = planStreams(routing({ redirects: choice('none', [[1, 'stderr']]) }), placement(3), {
    stdout: false,
    stderr: false,
  });
  const places = placesIn(directory);
  for (const { localRank } of streams) nodeDisk.makeDirectory(places.logs(localRank));
  const attempt = openAttemptConsole(console, nodeDisk, streams, places);
  const ends = [0, 1].map((rank) => attempt.start(rank, run(`echo one; echo two ${rank}; seq 20 >&2`)));
  const refuse = (): never => {
    throw new Error('no such program');
  };
  expect(() => attempt.start(2, refuse)).toThrow('no such program');
  await Promise.all(ends);
  await attempt.close();
  expect([0, 1, 2].map(attempt.lastLine)).toEqual(['two 0', 'two 1', undefined]);
  for (const rank of [0, 1]) expect(attempt.stderrTail(rank)).toEqual(Array.from({ length: 16 }, (_, at) => String(5 + at)));
  expect(stdout.text().split('\n').length).toBe(5);
  expect(stderr.text()).toMatch(/^(?:\[rank 0\] \d+\n){20}$/);
});

import { expect, test } from 'vitest';
import type { CommandResult } from './run-command.ts';
import { type Sandbox, sandbox } from './sandbox.ts';
import { noTwoHosts, onHost } from './two-hosts.ts';

const why = noTwoHosts();
if (why !== undefined) console.log(`skipped: ${why}`);

/** Each rank on a host of its own, with a network of its own, and one directory between them. */
const both = (box: Sandbox, args: readonly string[]): Promise<readonly CommandResult[]> =>
  Promise.all(
    [0, 1].map((rank) =>
      onHost(`host-${rank}`, [`--rank=${rank}`, '--world-size=2', '--run-id=mine', '--output-dir=out', '--quiet', ...args], {
        cwd: box.directory,
      }),
    ),
  );

test.skipIf(why !== undefined)('ranks on two hosts meet in a directory that they share', async () => {
  const box = sandbox();
  const [first, second] = await both(box, ['--scenario=basic', '--report=report.json']);
  expect(first).toMatchObject({ code: 0, stdout: '✓ ALL ASSERTIONS PASSED\n', stderr: '' });
  expect(second).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(JSON.parse(box.read('report.json'))).toMatchObject({
    workers: [
      { rank: 0, host: 'host-0', clockSkewMs: 0 },
      { rank: 1, host: 'host-1', clockSkewMs: 0 },
    ],
  });
});

test.skipIf(why !== undefined)('a rank that hangs on another host is named', async () => {
  const box = sandbox();
  const results = await both(box, ['--scenario=hang-skipped-barrier', '--barrier-timeout=1', '--report=report.json']);
  expect(results.map(({ code }) => code)).toEqual([124, 124]);
  expect(results.flatMap(({ stderr }) => stderr.match(/^ckpt-run: HANG:.*/gm) ?? [])).toEqual([
    expect.stringContaining('missing rank 1 (arrived: rank 0)'),
  ]);
});

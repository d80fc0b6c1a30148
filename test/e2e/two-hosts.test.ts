import { expect, test } from 'vitest';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import type { CommandResult } from './run-command.ts';
import { type Sandbox, sandbox } from './sandbox.ts';
import { noTwoHosts, onHost } from './two-hosts.ts';

const why = noTwoHosts();
if (why !== undefined) console.log(`skipped: ${why}`);

/** Each rank on a host of its own, with a network of its own, and one directory between them. */
const both = (box: Sandbox, args: readonly string[], how = ['--quiet']): Promise<readonly CommandResult[]> =>
  Promise.all(
    [0, 1].map((rank) =>
      onHost(`host-${rank}`, [`--rank=${rank}`, '--world-size=2', '--run-id=mine', '--output-dir=out', ...how, ...args], {
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

test.skipIf(why !== undefined)('of a rank that hangs on another host no more is said than is seen from here', async () => {
  const box = sandbox();
  const results = await both(box, ['--scenario=hang-skipped-barrier', '--barrier-timeout=2', '--report=report.json']);
  expect(results.map(({ code }) => code)).toEqual([124, 124]);
  const said = results.map(({ stderr }) => stderr).join('');
  expect(said.match(/^ckpt-run: HANG:.*/gm)).toEqual([expect.stringContaining('missing rank 1 (arrived: rank 0)')]);
  expect(said).toContain('what was seen does not tell why rank 1 did not arrive');
  expect(said).toContain('process not seen (it runs on host-1)');
  const report: RunReport = JSON.parse(box.read('report.json'));
  expect(report.diagnosis).toMatchObject({
    verdict: { class: 'unknown' },
    states: [
      { ranks: [0], state: 'waits at the barrier' },
      { ranks: [1], state: 'was not seen' },
    ],
  });
});

test.skipIf(why !== undefined)('a rank that waits for one on another host says where that is', async () => {
  const box = sandbox();
  const [first] = await both(box, ['--scenario=hang-skipped-barrier', '--barrier-timeout=2'], []);
  expect(first?.stderr).toMatch(/^ckpt-run: waiting .* for rank 1 \(not seen \(it runs on host-1\)\)$/m);
});

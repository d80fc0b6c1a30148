import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { noInterruption } from '../../launcher/interruption.ts';
import { launch } from '../../launcher/launch.ts';
import { DEFAULT_REQUEST } from '../../launcher/launch-request.ts';
import type { LaunchSurroundings } from '../../launcher/launch-surroundings.ts';
import { ROOT } from '../../scripts/source-files.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { untilGone } from './live-run.ts';
import { runCommand, temporaryDirectory } from './run-command.ts';
import { sandbox } from './sandbox.ts';

const TOO_MANY = 'EMFILE: too many open files';

const FAILURE = {
  kind: 'rank-failed',
  rank: 1,
  error: {
    code: 'CKPT_RANK_FAILED',
    message: `rank 1 could not be started: ${TOO_MANY}`,
    hint: 'Start fewer ranks, or raise the limits on processes (ulimit -u) and open files (ulimit -n).',
  },
};

/** Makes the launcher's open(2) of one log file fail. */
const PRELOAD = `
  const fs = require('node:fs');
  const { openSync } = fs;
  fs.openSync = (path, ...more) => {
    if (/\\/1\\/stderr\\.log$/.test(path)) throw new Error('${TOO_MANY}');
    return openSync(path, ...more);
  };
`;

test('a rank whose logs cannot be opened fails the command with its name and a hint, and the others are ended', async () => {
  const box = sandbox();
  const env = { NODE_OPTIONS: `--require=${box.write('preload.cjs', PRELOAD)}` };
  const { code, stderr, report } = await box.runForReport(['--nproc-per-node=3', '--discard-outputs'], { env });
  expect(code).toBe(1);
  expect(stderr).toContain(`ckpt-run: ${FAILURE.error.message}  [CKPT_RANK_FAILED]\n`);
  expect(stderr).toContain(`    fix:      ${FAILURE.error.hint}\n`);
  expect(report).toMatchObject({
    failure: FAILURE,
    ranks: [{ endedByLauncher: true }, { pid: null }, { endedByLauncher: true }],
  });
  await untilGone(report.ranks.flatMap(({ pid }) => pid ?? []));
  expect(box.leftovers()).toEqual([]);
});

test('the program that launches survives it, and no descriptor stays open', async () => {
  vi.stubEnv('TMPDIR', temporaryDirectory());
  const platform = nodePlatform();
  const opened: { readonly close: ReturnType<typeof vi.fn> }[] = [];
  const openAppend = (path: string): ReturnType<typeof platform.disk.openAppend> => {
    if (path.endsWith(join('1', 'stderr.log'))) throw new Error(TOO_MANY);
    const file = platform.disk.openAppend(path);
    const watched = { ...file, close: vi.fn(file.close) };
    opened.push(watched);
    return watched;
  };
  const surroundings: LaunchSurroundings = {
    platform: { ...platform, disk: { ...platform.disk, openAppend } },
    environment: process.env,
    interruption: noInterruption,
    primaryOutput: 'file',
    tell: () => undefined,
  };
  const { report } = await launch({ ...DEFAULT_REQUEST, worldSize: 3, discardOutputs: true }, surroundings);
  expect(report).toMatchObject({ exitCode: 1, failure: FAILURE });
  expect(opened.map(({ close }) => close.mock.calls.length)).toEqual([1, 1, 1, 1, 1]);
  await untilGone(report.ranks.flatMap(({ pid }) => pid ?? []));
  vi.unstubAllEnvs();
});

test('a program that cannot be started for want of descriptors is refused, and leaves nothing', async () => {
  const box = sandbox();
  const command = [process.execPath, join(ROOT, 'dist', 'ckpt-run.cjs'), '--nproc-per-node=8', 'true'];
  // Where the last descriptor goes depends on Node.js: from that of the guardian to those of the ranks' files.
  for (let limit = 24; limit <= 48; limit += 2) {
    const { code, stderr } = await runCommand('bash', ['-c', `ulimit -n ${limit}; exec "$0" "$@"`, ...command], {
      env: { TMPDIR: box.temporary, NODE_EXTRA_CA_CERTS: undefined },
    });
    expect({ limit, code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('raise the limit on open files') });
    expect(box.leftovers()).toEqual([]);
  }
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { scenarioWith, startRun, untilGone } from './live-run.ts';
import { type CommandResult, mustRun, runCommand } from './run-command.ts';
import { linesOf, type Sandbox, sandbox, scenarioText } from './sandbox.ts';

const NOBODY = 65_534;

const HANGS = 'setInterval(() => undefined, 1000); await new Promise(() => undefined); export default {};';

test('a scenario file that never finishes loading is given up when --timeout is over', async () => {
  const box = sandbox();
  box.write('hangs.mjs', HANGS);
  const args = ['--scenario=./hangs.mjs', '--timeout=300ms', '--output-dir=out'];
  const { code, stdout, stderr } = await box.run(args);
  expect({ code, stdout }).toEqual({ code: 124, stdout: '' });
  const sentence = '--scenario ./hangs.mjs: it was still loading when the run had taken --timeout 0.3 s';
  expect(linesOf(stderr)).toEqual([expect.stringContaining(`ckpt-run: ${sentence}. Allow more time`)]);
  expect([...box.list('out'), ...box.leftovers()]).toEqual([]);
});

/** Does something in the launcher, and nowhere else, as soon as a rank has told that it is stuck. */
const inLauncher = (work: string): string => `
  const { existsSync } = require('node:fs');
  const { isMainThread } = require('node:worker_threads');
  const timer = process.env.RANK === undefined && isMainThread && setInterval(() => {
    if (!existsSync('told')) return;
    clearInterval(timer);
    ${work}
  }, 20);
`;

test.for([
  ['an exception', `throw new TypeError('no such field');`],
  ['a rejection', `Promise.reject(new TypeError('no such field'));`],
] as const)('%s in the launcher ends the ranks and is a bug of ours', async ([, work]) => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, `tell('stuck'); await forever();`));
  const preload = box.write('preload.cjs', inLauncher(work));
  const args = ['--nproc-per-node=2', '--scenario=./mine.mjs', '--barrier-timeout=5m', '--report=report.json'];
  const run = startRun(box, args, { env: { NODE_OPTIONS: `--require=${preload}` } });
  const pids = await Promise.all([0, 1].map(run.pidOf));
  const { code, stderr } = await run.ended;
  expect(code).toBe(70);
  expect(stderr).toMatch(/^ckpt-run: no such field {2}\[CKPT_INTERNAL\]$/m);
  expect(stderr).toMatch(/^ {4}at .*preload\.cjs:\d+/m);
  expect(stderr).toMatch(/^ {4}fix: +This is a bug of ours: please report it with this stack and your command line\.$/m);
  const report = JSON.parse(box.read('report.json')) as RunReport;
  expect(report).toMatchObject({ exitCode: 70, failure: { kind: 'launcher-failed' }, ranks: [{ endedByLauncher: true }, {}] });
  await untilGone(pids);
});

test('an end of the launcher while ranks run is a bug of ours, and the ranks end too', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(1, `tell('stuck'); await forever();`));
  const preload = box.write('preload.cjs', inLauncher('process.exit(0);'));
  const args = ['--nproc-per-node=2', '--scenario=./mine.mjs', '--barrier-timeout=5m'];
  const run = startRun(box, args, { env: { NODE_OPTIONS: `--require=${preload}` } });
  const pids = await Promise.all([0, 1].map(run.pidOf));
  const { code, stderr } = await run.ended;
  expect(code).toBe(70);
  expect(stderr).toMatch(/^ckpt-run \S+: a bug of ours, please report it with this stack and your command line:$/m);
  expect(stderr).toContain('Error: the launcher ended before its ranks');
  await untilGone(pids);
});

test('from its first line on, no SIGUSR1 opens the inspector of the launcher', async () => {
  const box = sandbox();
  const listeners = "process.on('exit', () => console.log(process.listenerCount('SIGUSR1')));";
  const env = { NODE_OPTIONS: `--require=${box.write('preload.cjs', listeners)}` };
  expect(linesOf((await box.run(['--version'], { env })).stdout)).toEqual([expect.stringContaining('ckpt-run'), '1']);
});

/** Runs in the launcher's main thread, before anything else. */
const IN_LAUNCHER_ONLY = `if (process.env.RANK !== undefined || !require('node:worker_threads').isMainThread) return;`;

test('a bug that shows itself while the report is written is what the report says', async () => {
  const box = sandbox();
  const late = `(() => { ${IN_LAUNCHER_ONLY}
    const fs = require('node:fs');
    const { fsync } = fs;
    fs.fsync = (descriptor, done) => {
      setImmediate(() => { throw new TypeError('no such field'); });
      setTimeout(() => fsync(descriptor, done), 50);
    };
  })();`;
  const preload = box.write('preload.cjs', late);
  const { code, stderr, report } = await box.runForReport(['--scenario=basic', '--quiet'], {
    env: { NODE_OPTIONS: `--require=${preload}` },
  });
  expect(code).toBe(70);
  expect(linesOf(stderr)[0]).toBe('ckpt-run: no such field  [CKPT_INTERNAL]');
  expect(report).toMatchObject({ exitCode: 70, status: 'failed', failure: { kind: 'launcher-failed' }, runDirectory: null });
});

test('a bug that shows itself while a run is refused is not hidden by that', async () => {
  const box = sandbox();
  const late = `(() => { ${IN_LAUNCHER_ONLY}
    const fs = require('node:fs');
    const { mkdir } = fs;
    fs.mkdir = (path, ...rest) => {
      if (!String(path).endsWith('lease.lock')) return mkdir(path, ...rest);
      setImmediate(() => { throw new TypeError('no such field'); });
      setTimeout(() => rest.at(-1)(Object.assign(new Error('no locks here'), { code: 'EIO' })), 50);
    };
  })();`;
  const preload = box.write('preload.cjs', late);
  const options = { env: { NODE_OPTIONS: `--require=${preload}` } };
  const { code, stderr } = await box.run(['--scenario=basic', '--quiet', '--output-dir=out'], options);
  expect(stderr).toContain('TypeError: no such field');
  expect(code).toBe(70);
  expect(box.list('out')).toEqual([]);
});

test('what cannot be removed changes no verdict, and the report says where it stayed', async () => {
  const box = sandbox();
  const stubborn = `const place = process.env.CKPT_RANK_RUN_DIRECTORY + '/stubborn';
    mkdirSync(place); writeFileSync(place + '/file', ''); chmodSync(place, 0o555);`;
  box.write(
    'mine.mjs',
    scenarioText(
      `callbacks: () => [{ name: 'Stubborn', onTrainEnd: () => { ${stubborn} } }],`,
      `import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';`,
    ),
  );
  const { code, stderr, report } = await asNobody(box, ['--scenario=./mine.mjs', '--output-dir=out', '--quiet']);
  const place = `${box.directory}/out/.ckpt-run/${report.runId}/attempt_0`;
  expect(linesOf(stderr)).toEqual([
    expect.stringMatching(`^ckpt-run: not everything in ${box.directory}/out could be removed: EACCES.*${place}/stubborn/file'$`),
  ]);
  expect({ code, ...report }).toMatchObject({ code: 0, status: 'passed', exitCode: 0, failure: null, runDirectory: place });
  expect(box.list(`out/.ckpt-run/${report.runId}/attempt_0/stubborn`)).toEqual(['file']);
  expect(box.list('out/.ckpt-run')).toEqual([report.runId]);
});

/** Runs as a user whom permissions stop, in a sandbox that is given to him. */
async function asNobody(box: Sandbox, args: readonly string[]): Promise<CommandResult & { readonly report: RunReport }> {
  const command = [process.execPath, join(ROOT, 'dist/ckpt-run.cjs'), ...args, '--report=report.json'];
  if (process.getuid?.() === 0) {
    command.unshift('setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups');
    await mustRun('chown', ['-R', `${NOBODY}:${NOBODY}`, box.directory]);
  }
  const [file = '', ...rest] = command;
  const result = await runCommand(file, rest, {
    cwd: box.directory,
    env: { TMPDIR: box.temporary, NODE_EXTRA_CA_CERTS: undefined },
  });
  return { ...result, report: JSON.parse(box.read('report.json')) as RunReport };
}
